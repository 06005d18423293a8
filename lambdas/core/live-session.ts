import { NotFound } from './errors.ts';
import { type ObservePorts, observe } from './observe.ts';
import type { Ports } from './ports.ts';
import { isLive, overdue, type Session } from './session.ts';
import { claimOf } from './settings.ts';

/** The live session that holds the claim. It may be overdue: nobody may have noticed yet. */
export async function liveSession(ports: Pick<Ports, 'sessions'>, claim: string): Promise<Session | undefined> {
  const holder = await ports.sessions.claimHolder(claim);
  const session = holder === undefined ? undefined : await ports.sessions.find(holder);
  return session && isLive(session) ? session : undefined;
}

/** The user's live bastion, as it is at this moment. */
export async function findSession(ports: ObservePorts, user: string): Promise<Session> {
  const session = await liveSession(ports, claimOf(user));
  const seen = session && !overdue(session, ports.clock.now()) ? await observe(ports, session) : undefined;
  if (seen && isLive(seen)) return seen;
  throw new NotFound(`No bastion is live for ${user}. POST to the same address starts one.`);
}
