import { changeSession } from '../session/change-session.ts';
import type { Ports } from '../session/ports.ts';
import { markStopping, overdueReason, type Session } from '../session/session.ts';

/** Ends a live session that has expired or whose starter has died. Returns any other session as it is. */
export function endOverdue(ports: Pick<Ports, 'sessions' | 'clock'>, session: Session): Promise<Session> {
  const now = ports.clock.now();
  return changeSession(ports, session, (current) => {
    const end = overdueReason(current, now);
    return end ? markStopping(current, end.reason, now, end.detail) : current;
  });
}
