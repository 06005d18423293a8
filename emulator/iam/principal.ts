import type { Statement } from './policy.ts';

/** The caller of an operation. */
export interface Principal {
  readonly arn: string;
  /** `aws:userid` in a policy. */
  readonly userId: string;
  /** The permissions of a task. Other callers have none here, and may do everything. */
  readonly statements?: readonly Statement[];
  /** Whether the caller's permissions depend on the tags of a resource, as those of functions do. */
  readonly isJudgedByTags?: boolean;
}

/** The account itself. */
export const root = (accountId: string): Principal => ({ arn: `arn:aws:iam::${accountId}:root`, userId: accountId });

/** The role of a function. @param name the name of the function, and here also of its role */
export const functionRole = (accountId: string, name: string): Principal => ({
  arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${name}`,
  userId: `AROA:${name}`,
  isJudgedByTags: true,
});
