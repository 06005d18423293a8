import { change } from './change.ts';
import { liveSession } from './live-session.ts';
import { about } from './observe.ts';
import type { Ports } from './ports.ts';
import { ended } from './session.ts';
import { claimOf } from './settings.ts';

export type StopPorts = Pick<Ports, 'sessions' | 'teardowns' | 'clock' | 'log'>;

/**
 * Asks for the removal of the user's bastion. Done once the row says so: from then on the removal happens, at once through
 * the queue, or within a minute through the reaper.
 */
export async function stopSession(ports: StopPorts, user: string): Promise<void> {
  const session = await liveSession(ports, claimOf(user));
  if (!session) return;
  const stopping = await change(ports, session, (current) => ended(current, 'stopped', ports.clock.now()));
  ports.log.info('stop asked for', about(stopping));
  try {
    await ports.teardowns.enqueue(stopping.sessionId);
  } catch (error) {
    // Nothing is lost: the row is due already, so the reaper removes it. But somebody should know.
    ports.log.error('teardown not enqueued, left to the reaper', { ...about(stopping), error });
  }
}
