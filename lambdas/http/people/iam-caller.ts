/** A caller with an AWS identity. */
import { Forbidden } from '../../core/session/errors.ts';
import type { Caller, CallerSettings } from './caller.ts';
import { matches } from './pattern.ts';
import { isAddressIn } from './person.ts';
import { isWorkloadIn } from './workload.ts';

/**
 * `arn:aws:iam::123456789012:user/team/ann`, or `arn:aws:sts::123456789012:assumed-role/dev/ann`. Other identities, such as the
 * account itself or a federated user, are no people.
 */
const personArn = /^arn:[\w-]+:(?:iam::\d{12}:user\/(?:[^/]+\/)*|sts::\d{12}:assumed-role\/[^/]+\/)([^/]+)$/;

/**
 * Throws `Forbidden` without an ARN, for one that is no person's, and for a name that a token may bear.
 */
export function iamCaller(arn: string | undefined, settings: CallerSettings): Caller {
  if (arn === undefined)
    throw new Forbidden('The request is not signed. Sign it with AWS Signature Version 4 (service execute-api).');
  const [, name] = personArn.exec(arn) ?? [];
  if (name === undefined) {
    throw new Forbidden('This identity is no person. Sign in as an IAM user, or assume a role under a session name.');
  }
  refuseTakeOver(arn, name, settings);
  return { id: arn, name, isAdmin: settings.admins.some((pattern) => matches(pattern, arn)) };
}

/**
 * Names are one space, and whoever assumes a role may choose the name of the session. So one of the names that tokens bear is
 * refused, unless the role's sessions are known to bear the names of those who assume it.
 */
function refuseTakeOver(arn: string, name: string, { signIn, ciRepositories }: CallerSettings): void {
  const [, role] = /:assumed-role\/([^/]+)\//.exec(arn) ?? [];
  if (role === undefined) return; // nobody chooses the name of an IAM user for themselves
  if (signIn && isAddressIn(signIn.domains, name) && !signIn.roles.some((pattern) => matches(pattern, role))) {
    throw new Forbidden(
      `${name} is the name of a person who signs in, and whoever assumes the role ${role} may choose the name of the session. ` +
        'Sign in, assume the role under a name without a domain, or ask the operator to name the role in oidcRoles.',
    );
  }
  if (ciRepositories && isWorkloadIn(ciRepositories, name)) {
    throw new Forbidden(
      `${name} is the name of a CI workload, and whoever assumes the role ${role} may choose the name of the session. ` +
        'Assume the role under another name.',
    );
  }
}
