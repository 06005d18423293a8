import { StaleSession } from './errors.ts';
import type { Ports } from './ports.ts';
import type { Session } from './session.ts';

const mostAttempts = 8;

/**
 * Makes one move on a row that others may change at the same time: computes the move, writes it if the row is unchanged, else
 * reads the row and computes the move again. Throws the `IllegalMove` of a move that no longer applies, and `StaleSession`.
 */
export async function changeSession(
  ports: Pick<Ports, 'sessions'>,
  session: Session,
  move: (current: Session) => Session,
): Promise<Session> {
  return (await change(ports, session, move)).after;
}

/** A row before a move, and after it. Both are the same row if another had made the move already. */
export interface Change {
  readonly before: Session;
  readonly after: Session;
}

/** As `changeSession`, for a caller that must know whether it has made the move itself. */
export async function change(
  ports: Pick<Ports, 'sessions'>,
  session: Session,
  move: (current: Session) => Session,
): Promise<Change> {
  let current = session;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const next = move(current);
    if (next === current) return { before: current, after: current };
    const saved = await ports.sessions.save(next);
    if (saved) return { before: current, after: saved };
    const found = await ports.sessions.find(session.sessionId);
    if (!found) throw new StaleSession(`Session ${session.sessionId} was deleted at the same time. Try again.`);
    current = found;
  }
  throw new StaleSession('Other requests changed this session at the same time. Try again.');
}
