import { liveSession, userClaim } from '../session/claims.ts';
import { NotFound } from '../session/errors.ts';
import { isLive, overdue, type Session } from '../session/session.ts';
import { type ObservePorts, observe } from './observe.ts';

/** The user's live bastion, as it is at this moment. Throws `NotFound` when there is none. */
export async function findBastion(ports: ObservePorts, user: string): Promise<Session> {
  const session = await liveSession(ports, userClaim(user));
  const seen = session && !overdue(session, ports.clock.now()) ? await observe(ports, session) : undefined;
  if (seen && isLive(seen)) return seen;
  throw new NotFound(`No bastion is live for ${user}. POST to the same address starts one.`);
}
