/** A claim belongs to at most one live session: a user's claim to one bastion, an activation's claim to one target. */
import type { Ports } from './ports.ts';
import { isLive, type Session } from './session.ts';

/** The claim of a user. Names that differ only in case are one user: EC2 compares security group names without case. */
export const userClaim = (user: string): string => `user#${user.toLowerCase()}`;

export const activationClaim = (activationHash: string): string => `activation#${activationHash}`;

/**
 * Finds the holder of a claim: its id if there is one, and the session while it is live. A live session may be overdue, when
 * no function has noticed that yet.
 */
export async function holderOf(
  ports: Pick<Ports, 'sessions'>,
  claim: string,
): Promise<{ sessionId: string | undefined; live: Session | undefined }> {
  const sessionId = await ports.sessions.claimHolder(claim);
  const session = sessionId === undefined ? undefined : await ports.sessions.find(sessionId);
  return { sessionId, live: session && isLive(session) ? session : undefined };
}

export async function liveSession(ports: Pick<Ports, 'sessions'>, claim: string): Promise<Session | undefined> {
  return (await holderOf(ports, claim)).live;
}
