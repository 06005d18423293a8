import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { env } from '../../contracts/stack.ts';
import type { FunctionsProps } from './functions-props.ts';

/** Variables of the function that sends the page. It has no permission on AWS. */
export function setWeb(web: lambda.Function | undefined, props: FunctionsProps): void {
  if (web === undefined) return;
  web.addEnvironment(env.defaultTtlSeconds, String(props.defaultTtl.toSeconds()));
  web.addEnvironment(env.maxTtlSeconds, String(props.maxTtl.toSeconds()));
  web.addEnvironment(env.maxLifetimeSeconds, String(props.maxLifetime.toSeconds()));
  web.addEnvironment(env.maxSessions, String(props.maxSessions));
  const { oidcIssuer, oidcClientId, oidcAudience = oidcClientId, oidcScopes, oidcRedirectUri, ciAudience } = props;
  if (ciAudience !== undefined) web.addEnvironment(env.ciAudience, ciAudience);
  if (oidcIssuer === undefined || oidcClientId === undefined || oidcAudience === undefined) return;
  web.addEnvironment(env.oidcIssuer, oidcIssuer);
  web.addEnvironment(env.oidcClientId, oidcClientId);
  web.addEnvironment(env.oidcAudience, oidcAudience);
  web.addEnvironment(env.oidcScopes, oidcScopes.join(' '));
  if (oidcRedirectUri !== undefined) web.addEnvironment(env.oidcRedirectUri, oidcRedirectUri);
}
