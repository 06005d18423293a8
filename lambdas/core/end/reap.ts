/** The reaper's pass, every minute: looks at every row that is due, one after the other, and none in vain twice. */

import { Failures } from '../session/isolated-run.ts';
import { about } from '../session/log-fields.ts';
import { type Instant, isDue, type Session } from '../session/session.ts';
import { type ConvergePorts, converge } from './converge.ts';
import { endOverdue } from './end-overdue.ts';

export interface Pass {
  /** How long the one that waited longest should have been gone, or looked at; 0 when nothing was late. */
  readonly oldestOverdueSeconds: number;
}

/** One failing session doesn't keep the pass from the others; afterwards one error names them all. */
export class PassFailed extends AggregateError {
  override readonly name = 'PassFailed';
}

/** Leaves the rest to the next pass, a minute later, rather than be cut in the middle. */
export const passForMs = 45_000;

export async function reap(ports: ConvergePorts, report: (pass: Pass) => void): Promise<void> {
  const start = ports.clock.now();
  const failures = new Failures((sessionId, error) =>
    ports.log.error('session could not be reaped', { sessionId, error }),
  );
  let looked = 0;
  let oldestOverdueMs = 0;
  for await (const sessionId of ports.sessions.due(start)) {
    if (ports.clock.now() > start + passForMs) break;
    looked++;
    await failures.isolate(sessionId, async () => {
      const session = await ports.sessions.find(sessionId);
      if (!session || !isDue(session, start)) return; // the index lags behind the rows
      oldestOverdueMs = Math.max(oldestOverdueMs, lateBy(session, start));
      await reapOne(ports, session);
    });
  }
  report({ oldestOverdueSeconds: Math.floor(oldestOverdueMs / 1000) });
  const { errors, names } = failures;
  if (errors.length === 0) return;
  throw new PassFailed(
    errors,
    `${errors.length} of ${looked} due sessions could not be reaped: ${names}. The next pass tries them again.`,
  );
}

async function reapOne(ports: ConvergePorts, session: Session): Promise<void> {
  const current = await endOverdue(ports, session);
  if (current.state !== session.state) ports.log.info('session over', about(current));
  await converge(ports, current);
}

/** A removal is late from the moment it was asked for, however often it has been looked at since. */
const lateBy = (session: Session, now: Instant): number =>
  now - (session.state === 'stopping' ? (session.endedAt ?? now) : (session.reapAt ?? now));
