/** The addresses from which a bastion's owner has moved, until a check-up has confirmed that nothing allows them any more. */
import type { Session } from './row.ts';

/** More than an owner leaves within the minute until a check-up. Every move removes the rules of its own address anyway. */
export const mostFormerCidrs = 20;

/** Those of the session, once its owner moves on to `nextCidrs`. */
export function formerCidrsOf(session: Session, nextCidrs: readonly string[]): readonly string[] {
  const cidrs = new Set([...(session.formerCidrs ?? []), ...session.allowedCidrs]);
  return [...cidrs].filter((cidr) => !nextCidrs.includes(cidr)).slice(-mostFormerCidrs);
}

/** True from a change of address on until a check-up has confirmed it. */
export const isMoved = ({ formerCidrs }: Session): boolean => formerCidrs !== undefined;
