import type { World } from './context.ts';
import type { Operations } from './operation.ts';

export function createSts({ accountId }: World): { readonly operations: Operations } {
  return {
    operations: {
      GetCallerIdentity: (_, { arn, userId }) => ({ Arn: arn, UserId: userId, Account: accountId }),
    },
  };
}
