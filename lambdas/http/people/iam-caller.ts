/** A caller with an AWS identity. */
import { Forbidden } from '../../core/session/errors.ts';
import type { Caller } from './caller.ts';
import { matches } from './pattern.ts';

/**
 * `arn:aws:iam::123456789012:user/team/ann`, or `arn:aws:sts::123456789012:assumed-role/dev/ann`. Other identities, such as the
 * account itself or a federated user, are no people.
 */
const personArn = /^arn:[\w-]+:(?:iam::\d{12}:user\/(?:[^/]+\/)*|sts::\d{12}:assumed-role\/[^/]+\/)([^/]+)$/;

/**
 * Throws `Forbidden` without an ARN, and for one that is no person's.
 * @param admins patterns in which `*` matches anything but `/`
 */
export function iamCaller(arn: string | undefined, admins: readonly string[]): Caller {
  if (arn === undefined)
    throw new Forbidden('The request is not signed. Sign it with AWS Signature Version 4 (service execute-api).');
  const [, name] = personArn.exec(arn) ?? [];
  if (name === undefined) {
    throw new Forbidden('This identity is no person. Sign in as an IAM user, or assume a role under a session name.');
  }
  return { id: arn, name, isAdmin: admins.some((pattern) => matches(pattern, arn)) };
}
