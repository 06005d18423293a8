import { StaleSession } from './errors.ts';
import type { Ports } from './ports.ts';
import type { Session } from './session.ts';

const attempts = 8;

/**
 * Makes one move on a row that others may be changing too: compute, write if unchanged, else read again and recompute.
 * A move that no longer applies throws its `IllegalMove` through.
 */
export async function change(
  ports: Pick<Ports, 'sessions'>,
  session: Session,
  move: (current: Session) => Session,
): Promise<Session> {
  let current = session;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const next = move(current);
    if (next === current) return current;
    const saved = await ports.sessions.save(next);
    if (saved) return saved;
    const found = await ports.sessions.find(session.sessionId);
    if (!found) throw new StaleSession(`Session ${session.sessionId} vanished while it was being changed. Ask again.`);
    current = found;
  }
  throw new StaleSession(
    `Session ${session.sessionId} kept changing: ${attempts} attempts to write it were overtaken. Ask again.`,
  );
}
