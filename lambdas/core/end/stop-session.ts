import { change } from '../session/change-session.ts';
import { liveSession, userClaim } from '../session/claims.ts';
import { NotFound } from '../session/errors.ts';
import { about } from '../session/log-fields.ts';
import type { Ports } from '../session/ports.ts';
import { ended, type Session } from '../session/session.ts';

export type StopPorts = Pick<Ports, 'sessions' | 'teardowns' | 'clock' | 'log'>;

/** Asks for the removal of the user's bastion, if there is one. */
export async function stopBastion(ports: StopPorts, user: string): Promise<void> {
  const session = await liveSession(ports, userClaim(user));
  if (session) await stop(ports, session);
}

/** Asks for the removal of a webhook's target. Throws `NotFound` for an id that was never given out for one. */
export async function stopTarget(ports: StopPorts, sessionId: string): Promise<void> {
  const session = await ports.sessions.find(sessionId);
  if (!session || session.agent.kind === 'ssh')
    throw new NotFound('No target has this id. Send the one that /start answered.');
  await stop(ports, session);
}

/**
 * Done once the row says so: from then on the removal happens, at once through the queue, or within a minute through the
 * reaper.
 */
async function stop(ports: StopPorts, session: Session): Promise<void> {
  const stopping = await change(ports, session, (current) => ended(current, 'stopped', ports.clock.now()));
  if (stopping.state === 'stopped') return;
  ports.log.info('stop asked for', about(stopping));
  try {
    await ports.teardowns.enqueue(stopping.sessionId);
  } catch (error) {
    // Nothing is lost: the row is due already, so the reaper removes it. But somebody should know.
    ports.log.error('teardown not enqueued, left to the reaper', { ...about(stopping), error });
  }
}
