/** The caller and the user it acts for. The name comes from what API Gateway has checked, never from the request. */
import { userPattern } from '../../../contracts/api.ts';
import type { SignInRules } from '../../../contracts/stack.ts';
import { Forbidden, InvalidRequest } from '../../core/session/errors.ts';
import { shown } from '../../core/session/shown.ts';

export interface Caller {
  /** An ARN, or `<issuer>#<subject>` of a token. */
  readonly id: string;
  /** Name of the IAM user, of the role session, of the person, or of the workload. */
  readonly name: string;
  readonly isAdmin: boolean;
}

/**
 * A role session's name that an SDK generates for each sign-in: a time behind the name of a program, such as
 * `botocore-session-1700000000`, or the time in nanoseconds alone. The owner of such a name could never find the bastion again. An
 * IAM user keeps a name of this form.
 */
const generatedName = /:assumed-role\/[^/]+\/((aws|boto|terraform|assume-role|web-identity)[\w.-]*\d{10,19}|\d{19})$/i;

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
  if (isOwn && generatedName.test(caller.id)) {
    throw new Forbidden(
      `The session name ${caller.name} changes with every sign-in, so a bastion under it could not be found again. ` +
        'Set a name of your own: role_session_name in ~/.aws/config, or AWS_ROLE_SESSION_NAME.',
    );
  }
  return user;
}

/** Who is let in, and as whom. */
export interface CallerSettings {
  /** ARN patterns of the callers who may act for everybody. `*` matches anything but `/`. */
  readonly admins: readonly string[];
  /** Undefined without an identity provider. */
  readonly signIn?: SignInRules | undefined;
  /** Patterns of the repositories whose workloads are let in. Undefined without a CI service. */
  readonly ciRepositories?: readonly string[] | undefined;
}
