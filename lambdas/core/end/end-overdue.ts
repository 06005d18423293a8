import { change } from '../session/change-session.ts';
import type { Ports } from '../session/ports.ts';
import { ended, overdue, type Session } from '../session/session.ts';

/** Ends a session that is over although nobody has noticed: it expired, or its starter died. Any other comes back as it is. */
export function endOverdue(ports: Pick<Ports, 'sessions' | 'clock'>, session: Session): Promise<Session> {
  const now = ports.clock.now();
  return change(ports, session, (current) => {
    const over = overdue(current, now);
    return over ? ended(current, over.reason, now, over.detail) : current;
  });
}
