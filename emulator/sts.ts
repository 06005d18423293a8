import * as v from 'valibot';
import type { Context } from './context.ts';
import { type Operations, operationMaker } from './operation.ts';

/** Makes the part of STS that tells callers who they are. */
export function createSts({ accountId }: Context): { readonly operations: Operations } {
  const operation = operationMaker('ValidationError');
  return {
    operations: {
      GetCallerIdentity: operation(v.object({}), (_, { arn, userId }) => ({
        Arn: arn,
        UserId: userId,
        Account: accountId,
      })),
    },
  };
}
