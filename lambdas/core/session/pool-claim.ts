import type { Session } from './row.ts';

/**
 * The claim of every pooled bastion. None of them holds it: it is the key under which a start finds them. A bastion that ends
 * without an owner leaves for `endedPoolClaim`, so that the key never leads to many.
 */
export const poolClaim = 'pool';
export const endedPoolClaim = 'pool-ended';

/** True for a live bastion that the pool has started and that nobody has taken. */
export const isUntaken = ({ claim }: Pick<Session, 'claim'>): boolean => claim === poolClaim;
