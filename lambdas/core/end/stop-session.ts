import { changeSession } from '../session/change-session.ts';
import { liveSession, userClaim } from '../session/claims.ts';
import { NotFound } from '../session/errors.ts';
import { logFields } from '../session/log-fields.ts';
import type { Ports } from '../session/ports.ts';
import { markStopping, type Session } from '../session/session.ts';
import { isSessionId } from '../session/session-id.ts';

export type StopPorts = Pick<Ports, 'sessions' | 'teardowns' | 'clock' | 'log'>;

/** Asks for the removal of the user's bastion, if there is one. */
export async function stopBastion(ports: StopPorts, user: string): Promise<void> {
  const session = await liveSession(ports, userClaim(user));
  if (session) await stop(ports, session);
}

/** Asks for the removal of a webhook's target. Throws `NotFound` for an id that no target ever had. */
export async function stopTarget(ports: StopPorts, sessionId: string): Promise<void> {
  const session = isSessionId(sessionId) ? await ports.sessions.find(sessionId) : undefined;
  if (!session || session.agent.kind === 'ssh')
    throw new NotFound('No target has this id. Send the one that /start answered.');
  await stop(ports, session);
}

/** Once the row says `stopping`, the removal is certain: at once through the queue, or within a minute through the reaper. */
async function stop(ports: StopPorts, session: Session): Promise<void> {
  const stopping = await changeSession(ports, session, (current) =>
    markStopping(current, 'stopped', ports.clock.now()),
  );
  if (stopping.state === 'stopped') return;
  ports.log.info('stop asked for', logFields(stopping));
  try {
    await ports.teardowns.enqueue(stopping.sessionId);
  } catch (error) {
    // The row is due, so the reaper removes the session. The operator should know all the same.
    ports.log.error('teardown not enqueued, left to the reaper', { ...logFields(stopping), error });
  }
}
