import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { env, type SignInRules } from '../../contracts/stack.ts';
import type { FunctionsProps } from './functions-props.ts';

/** Tells the functions that people call who is let in with a token. Without an issuer they get no variable, and let nobody in. */
export function setSignIn(functions: readonly lambda.Function[], props: FunctionsProps): void {
  const { oidcDomains, ciRepositories } = props;
  for (const fn of functions) {
    if (oidcDomains !== undefined) fn.addEnvironment(env.signIn, JSON.stringify(rulesOf(props, oidcDomains)));
    if (ciRepositories !== undefined) fn.addEnvironment(env.ciRepositories, ciRepositories.join(' '));
  }
}

const rulesOf = (props: FunctionsProps, domains: readonly string[]): SignInRules => ({
  userClaim: props.oidcUserClaim,
  domains,
  admins: props.oidcAdmins,
  groups: props.oidcGroups,
  groupsClaim: props.oidcGroupsClaim,
  roles: props.oidcRoles,
});
