import { NotFound } from './errors.ts';
import { type ObservePorts, observe } from './observe.ts';
import type { Ports } from './ports.ts';
import { isLive, overdue, type Session } from './session.ts';
import { claimOf } from './settings.ts';

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

/** The user's live bastion, as it is at this moment. */
export async function findSession(ports: ObservePorts, user: string): Promise<Session> {
  const session = await liveSession(ports, claimOf(user));
  const seen = session && !overdue(session, ports.clock.now()) ? await observe(ports, session) : undefined;
  if (seen && isLive(seen)) return seen;
  throw new NotFound(`No bastion is live for ${user}. POST to the same address starts one.`);
}
