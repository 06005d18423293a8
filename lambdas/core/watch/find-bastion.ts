import { liveSession, userClaim } from '../session/claims.ts';
import { NotFound } from '../session/errors.ts';
import { isLive, overdueReason, type Session } from '../session/session.ts';
import { type ObservePorts, observe } from './observe.ts';

/** Returns the user's live bastion as it is now. Throws `NotFound` when there is none. */
export async function findBastion(ports: ObservePorts, user: string): Promise<Session> {
  const session = await liveSession(ports, userClaim(user));
  const isOverdue = session && overdueReason(session, ports.clock.now()) !== undefined;
  const observed = session && !isOverdue ? await observe(ports, session) : undefined;
  if (observed && isLive(observed)) return observed;
  throw new NotFound(`No bastion is live for ${user}. POST to the same address starts one.`);
}
