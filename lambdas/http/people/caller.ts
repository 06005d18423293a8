/** The caller and the user it acts for. The name comes from the signature that API Gateway has checked, never from the request. */
import { Forbidden, InvalidRequest } from '../../core/session/errors.ts';
import type { HttpEvent } from '../event.ts';

export interface Caller {
  /** IAM user name or role session name, or undefined for an identity without one (the account itself). */
  readonly name: string | undefined;
  readonly isAdmin: boolean;
}

const userPattern = /^[A-Za-z0-9._@][A-Za-z0-9._@-]{0,63}$/;

/**
 * Reads the caller from a request. Throws `Forbidden` when the request carries no checked identity.
 * @param admins ARN patterns in which `*` matches anything
 */
export function callerOf(event: HttpEvent, admins: readonly string[]): Caller {
  const arn = event.requestContext.authorizer?.iam?.userArn;
  if (arn === undefined)
    throw new Forbidden('The request is not signed. Sign it with AWS Signature Version 4 (service execute-api).');
  return { name: nameOf(arn), isAdmin: admins.some((pattern) => matches(pattern, arn)) };
}

/** The user that `caller` acts for: the requested one, or the caller itself. Throws `InvalidRequest` or `Forbidden`. */
export function userFor(caller: Caller, requestedUser: string | undefined): string {
  const user = requestedUser ?? caller.name;
  if (user === undefined) throw new InvalidRequest('No user was named. Add ?user=<name>.');
  if (!userPattern.test(user)) {
    throw new InvalidRequest(
      `user: got "${user.slice(0, 80)}", expected 1 to 64 of A-Z a-z 0-9 . _ @ - and no - in front.`,
    );
  }
  if (!caller.isAdmin && user.toLowerCase() !== caller.name?.toLowerCase()) {
    throw new Forbidden(
      `${caller.name ?? 'This caller'} may not act for ${user}. Leave ?user= out to act for yourself.`,
    );
  }
  return user;
}

/** `arn:aws:iam::1:user/team/ann` -> ann; `arn:aws:sts::1:assumed-role/dev/ann` -> ann; `arn:aws:iam::1:root` -> none. */
function nameOf(arn: string): string | undefined {
  const resource = arn.split(':').slice(5).join(':');
  return resource.includes('/') ? resource.split('/').at(-1) : undefined;
}

function matches(pattern: string, arn: string): boolean {
  const literals = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`).test(arn);
}
