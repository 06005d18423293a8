/** The caller and the user it acts for. The name comes from the signature that API Gateway has checked, never from the request. */
import { userPattern } from '../../../contracts/api.ts';
import { Forbidden, InvalidRequest } from '../../core/session/errors.ts';
import { shown } from '../../core/session/shown.ts';
import type { HttpEvent } from '../event.ts';

export interface Caller {
  readonly arn: string;
  /** IAM user name or role session name. */
  readonly name: string;
  readonly isAdmin: boolean;
}

/**
 * `arn:aws:iam::123456789012:user/team/ann`, or `arn:aws:sts::123456789012:assumed-role/dev/ann`. Other identities, such as the
 * account itself or a federated user, are no people.
 */
const personArn = /^arn:[\w-]+:(?:iam::\d{12}:user\/(?:[^/]+\/)*|sts::\d{12}:assumed-role\/[^/]+\/)([^/]+)$/;

/**
 * A role session's name that an SDK generates for each sign-in: a time behind the name of a program, such as
 * `botocore-session-1700000000`, or the time in nanoseconds alone. The owner of such a name could never find the bastion again. An
 * IAM user keeps a name of this form.
 */
const generatedName = /:assumed-role\/[^/]+\/((aws|boto|terraform|assume-role|web-identity)[\w.-]*\d{10,19}|\d{19})$/i;

/**
 * Reads the caller from a request. Throws `Forbidden` when the request carries no checked identity, or one that is no person's.
 * @param admins ARN patterns in which `*` matches anything but `/`
 */
export function callerOf(event: HttpEvent, admins: readonly string[]): Caller {
  const arn = event.requestContext.authorizer?.iam?.userArn;
  if (arn === undefined)
    throw new Forbidden('The request is not signed. Sign it with AWS Signature Version 4 (service execute-api).');
  const [, name] = personArn.exec(arn) ?? [];
  if (name === undefined) {
    throw new Forbidden('This identity is no person. Sign in as an IAM user, or assume a role under a session name.');
  }
  return { arn, name, isAdmin: admins.some((pattern) => matches(pattern, arn)) };
}

/** The user that `caller` acts for: the requested one, or the caller itself. Throws `InvalidRequest` or `Forbidden`. */
export function userFor(caller: Caller, requestedUser: string | undefined): string {
  const user = requestedUser ?? caller.name;
  if (!userPattern.test(user)) {
    throw new InvalidRequest(`user: got "${shown(user, 80)}", expected 1 to 64 of A-Z a-z 0-9 _ + = , . @ -`);
  }
  const isOwn = user.toLowerCase() === caller.name.toLowerCase();
  if (!isOwn && !caller.isAdmin) {
    throw new Forbidden(`${caller.name} may not act for ${user}. Leave ?user= out to act for yourself.`);
  }
  if (isOwn && generatedName.test(caller.arn)) {
    throw new Forbidden(
      `The session name ${caller.name} changes with every sign-in, so a bastion under it could not be found again. ` +
        'Set a name of your own: role_session_name in ~/.aws/config, or AWS_ROLE_SESSION_NAME.',
    );
  }
  return user;
}

function matches(pattern: string, arn: string): boolean {
  const literals = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('[^/]*')}$`).test(arn);
}
