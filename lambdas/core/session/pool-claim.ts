import type { Session } from './row.ts';

/**
 * The claim of every pooled bastion. A start finds them by it, and none of them holds it. A bastion that ends without an owner gets
 * `endedPoolClaim` instead, so that a start never finds many.
 */
export const poolClaim = 'pool';
export const endedPoolClaim = 'pool-ended';

/** True for a live bastion that the pool has started and that nobody has taken. */
export const isUntaken = ({ claim }: Pick<Session, 'claim'>): boolean => claim === poolClaim;
