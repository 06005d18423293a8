import type { Statement } from './policy.ts';

/** Who calls. */
export interface Principal {
  readonly arn: string;
  /** `aws:userid` in a policy. */
  readonly userId: string;
  /** What it may do; absent for those whose permissions are not checked here: everybody but tasks. */
  readonly statements?: readonly Statement[];
}
