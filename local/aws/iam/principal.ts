import type { Statement } from './policy.ts';

/** Who calls. */
export interface Principal {
  readonly arn: string;
  /** `aws:userid` in a policy. */
  readonly userId: string;
  /** What it may do; absent for those whose permissions are not checked here: everybody but tasks. */
  readonly statements?: readonly Statement[];
  /** What it may do to a resource hangs on the resource's tags: true of the functions' roles. */
  readonly isJudgedByTags?: boolean;
}

/**
 * Whoever is no task, by the access key id alone. A key of the kind that roles have is a function's, any other the account's own.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export function principalWithKey(accountId: string, accessKeyId = ''): Principal {
  return accessKeyId.startsWith('ASIA')
    ? {
        arn: `arn:aws:sts::${accountId}:assumed-role/function/${accessKeyId}`,
        userId: accessKeyId,
        isJudgedByTags: true,
      }
    : { arn: `arn:aws:iam::${accountId}:root`, userId: accountId };
}
