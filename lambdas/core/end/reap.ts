/** The reaper's pass, every minute: looks at each row that is due, a hundred of them side by side, then at the places and at the pool. */
import { IsolatedRun } from '../session/isolated-run.ts';
import { logFields } from '../session/log-fields.ts';
import type { PoolPlan } from '../session/pool.ts';
import { type Instant, isDue, type Session } from '../session/session.ts';
import { sideBySide } from '../session/side-by-side.ts';
import { type ConvergePorts, converge } from './converge.ts';
import { endOverdue } from './end-overdue.ts';
import { repairPlaces } from './repair-places.ts';
import { trimPool } from './trim-pool.ts';
import { type WarnPorts, warnOwner } from './warn.ts';

/** Names every session that a pass could not reap, after it has looked at all the others. */
export class PassFailed extends AggregateError {
  override readonly name = 'PassFailed';
}

/** A pass leaves the rest to the next one, a minute later, before its function times out. */
export const passForMs = 45_000;

export type ReapPorts = ConvergePorts & WarnPorts;

/** Throws `PassFailed`. */
export async function reap(ports: ReapPorts, plan: PoolPlan): Promise<void> {
  const beganAt = ports.clock.now();
  const isolatedRun = new IsolatedRun((sessionId, error) =>
    ports.log.error('session could not be reaped', { sessionId, error }),
  );
  let dueCount = 0;
  let oldestOverdueMs = 0;
  const isLate = () => ports.clock.now() > beganAt + passForMs;
  const hasSeenAll = await sideBySide(ports.sessions.due(beganAt), isLate, (sessionId) => {
    dueCount++;
    return isolatedRun.run(sessionId, async () => {
      const session = await ports.sessions.find(sessionId);
      if (!session || !isDue(session, beganAt)) return; // the index lags behind the rows
      oldestOverdueMs = Math.max(oldestOverdueMs, overdueMs(session, beganAt));
      await reapOne(ports, session);
    });
  });
  // The most overdue come first, so the next pass goes on where this one has stopped.
  if (!hasSeenAll) ports.log.info('pass left the rest to the next one', { count: dueCount });
  const repairs = new IsolatedRun((group, error) =>
    ports.log.error('places could not be repaired', { detail: group, error }),
  );
  const trims = new IsolatedRun((what, error) => ports.log.error('pool could not be trimmed', { detail: what, error }));
  const liveSessions = isLate() ? undefined : await repairPlaces(ports, repairs, isLate);
  const poolReady = isLate() ? undefined : await trimPool(ports, plan, trims);
  ports.metrics.reaped({ oldestOverdueSeconds: Math.floor(oldestOverdueMs / 1000), liveSessions, poolReady });
  const parts = [
    { run: isolatedRun, words: `${isolatedRun.errors.length} of ${dueCount} due sessions could not be reaped` },
    { run: repairs, words: 'Places could not be repaired' },
    { run: trims, words: 'The pool could not be trimmed' },
  ];
  const failedParts = parts.filter(({ run }) => run.errors.length > 0);
  if (failedParts.length === 0) return;
  const sentences = failedParts.map(({ run, words }) => `${words}: ${run.failedNames}.`);
  throw new PassFailed(
    failedParts.flatMap(({ run }) => run.errors),
    [...sentences, 'The next pass tries them again.'].join(' '),
  );
}

async function reapOne(ports: ReapPorts, session: Session): Promise<void> {
  const current = await endOverdue(ports, session);
  if (current.state !== session.state) ports.log.info('session over', logFields(current));
  await converge(ports, await warnOwner(ports, current));
}

/** A removal is late from the moment of its request on, however often it has been tried since. */
const overdueMs = (session: Session, now: Instant): number =>
  now - (session.state === 'stopping' ? (session.endedAt ?? now) : (session.reapAt ?? now));
