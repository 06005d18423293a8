import type { Statement } from './policy.ts';

/** Who calls. */
export interface Principal {
  readonly arn: string;
  /** `aws:userid` in a policy. */
  readonly userId: string;
  /** What it may do, if it is a task. Nobody else's permissions are looked up here. */
  readonly statements?: readonly Statement[];
  /** What it may do to a resource hangs on the resource's tags: true of functions. */
  readonly isJudgedByTags?: boolean;
}

export const root = (accountId: string): Principal => ({ arn: `arn:aws:iam::${accountId}:root`, userId: accountId });

/** @param name of the function; its role has that name here */
export const functionRole = (accountId: string, name: string): Principal => ({
  arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${name}`,
  userId: `AROA:${name}`,
  isJudgedByTags: true,
});
