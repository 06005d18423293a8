/** A claim is what at most one live session holds: a user's for one bastion, an activation's for one target. */
import type { Ports } from './ports.ts';
import { isLive, type Session } from './session.ts';

/** Users that differ only in case are one user: EC2 compares security group names without case, and so do people. */
export const userClaim = (user: string): string => `user#${user.toLowerCase()}`;

export const activationClaim = (activationHash: string): string => `activation#${activationHash}`;

/** Who holds the claim: the id, if anybody, and the session while it lives. It may be overdue: nobody may have noticed yet. */
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
