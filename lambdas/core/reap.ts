/** The sweep that runs every minute: looks at every row that is due, one after the other, and none in vain twice. */
import { type ConvergePorts, converge } from './converge.ts';
import { endOverdue } from './end-overdue.ts';
import { about } from './observe.ts';
import type { Instant, Session } from './session.ts';

export interface Sweep {
  readonly looked: number;
  /** How long the one that waited longest should have been gone, or looked at; 0 when nothing was late. */
  readonly oldestOverdueSeconds: number;
}

/** One failing session doesn't keep the sweep from the others; afterwards one error names them all. */
export class SweepFailed extends AggregateError {
  override readonly name = 'SweepFailed';
}

/** Leaves the rest to the next run, a minute later, rather than be cut in the middle. */
export const sweepForMs = 45_000;

export async function reap(ports: ConvergePorts, report: (sweep: Sweep) => void): Promise<void> {
  const start = ports.clock.now();
  const failures: { sessionId: string; error: unknown }[] = [];
  let looked = 0;
  let oldestOverdueMs = 0;
  for await (const sessionId of ports.sessions.due(start)) {
    if (ports.clock.now() > start + sweepForMs) break;
    looked++;
    try {
      const session = await ports.sessions.find(sessionId);
      if (!session || !isDue(session, start)) continue; // the index lags behind the rows
      oldestOverdueMs = Math.max(oldestOverdueMs, lateBy(session, start));
      await reapOne(ports, session);
    } catch (error) {
      ports.log.error('session could not be reaped', { sessionId, error });
      failures.push({ sessionId, error });
    }
  }
  report({ looked, oldestOverdueSeconds: Math.floor(oldestOverdueMs / 1000) });
  if (failures.length > 0) {
    const names = failures.map(({ sessionId }) => sessionId).join(', ');
    throw new SweepFailed(
      failures.map(({ error }) => error),
      `${failures.length} of ${looked} due sessions could not be reaped: ${names}. The next run tries them again.`,
    );
  }
}

async function reapOne(ports: ConvergePorts, session: Session): Promise<void> {
  const current = await endOverdue(ports, session);
  if (current.state !== session.state) ports.log.info('session over', about(current));
  await converge(ports, current);
}

const isDue = (session: Session, now: Instant): boolean => session.reapAt !== undefined && session.reapAt <= now;

/** A removal is late from the moment it was asked for, however often it has been looked at since. */
const lateBy = (session: Session, now: Instant): number =>
  now - (session.state === 'stopping' ? (session.endedAt ?? now) : (session.reapAt ?? now));
