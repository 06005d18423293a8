import { liveSession, userClaim } from '../session/claims.ts';
import { NotFound } from '../session/errors.ts';
import type { Ports } from '../session/ports.ts';
import { isLive, overdueReason, type Session } from '../session/session.ts';
import { awaitReady, type Patience } from './await-ready.ts';
import type { ObservePorts } from './observe.ts';

/** Returns the user's live bastion once it is ready or the caller's time is over. Throws `NotFound` when there is none. */
export async function findBastion(ports: ObservePorts, user: string, patience: Patience): Promise<Session> {
  const observed = await awaitReady(ports, await findRow(ports, user), patience);
  if (isLive(observed)) return observed;
  throw noBastion(user);
}

/** Returns the user's live bastion as its row is, without a look at its task. Throws `NotFound` when there is none. */
export async function findRow(ports: Pick<Ports, 'sessions' | 'clock'>, user: string): Promise<Session> {
  const session = await liveSession(ports, userClaim(user));
  if (session && overdueReason(session, ports.clock.now()) === undefined) return session;
  throw noBastion(user);
}
const noBastion = (user: string) => new NotFound(`No bastion is live for ${user}. POST to / starts one.`);
