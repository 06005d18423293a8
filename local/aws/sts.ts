import type { Operations } from './operation.ts';
import type { World } from './world.ts';

/** Signatures are not checked: everybody is the account's root here. */
export function createSts(world: World): { readonly operations: Operations } {
  const { accountId } = world;
  return {
    operations: {
      GetCallerIdentity: () => ({ Arn: `arn:aws:iam::${accountId}:root`, UserId: accountId, Account: accountId }),
    },
  };
}
