import type { Statement } from './policy.ts';

/** The caller of an operation. */
export interface Principal {
  readonly arn: string;
  /** The value of `aws:userid` in a policy. */
  readonly userId: string;
  /** The permissions of a task. A caller without them may do everything. */
  readonly statements?: readonly Statement[];
  /** Says whether the caller's permissions depend on the tags of a resource, as those of functions do. */
  readonly isJudgedByTags?: boolean;
}

/** Returns the account itself as a caller. */
export const root = (accountId: string): Principal => ({ arn: `arn:aws:iam::${accountId}:root`, userId: accountId });

/** Returns the role of a function as a caller. @param name is the name of the function, and here also of its role */
export const functionRole = (accountId: string, name: string): Principal => ({
  arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${name}`,
  userId: `AROA:${name}`,
  isJudgedByTags: true,
});
