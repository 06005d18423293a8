import type { Context } from './context.ts';
import type { Operations } from './operation.ts';

/** Makes the part of STS that tells callers who they are. */
export function createSts({ accountId }: Context): { readonly operations: Operations } {
  return {
    operations: {
      GetCallerIdentity: (_, { arn, userId }) => ({ Arn: arn, UserId: userId, Account: accountId }),
    },
  };
}
