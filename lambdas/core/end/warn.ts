/** Warns a bastion's owner of its end: in the row, from which an event follows, and in the terminals of those who are logged in. */
import type { Ports } from '../session/ports.ts';
import type { Instant, Session } from '../session/session.ts';
import { clockTime, inMinutes } from '../session/shown.ts';
import { dueWarning, markWarned } from '../session/warning.ts';

export type WarnPorts = Pick<Ports, 'sessions' | 'notices' | 'clock'>;

/** Returns the row as it is now. One that another has changed at the same time is left to the next pass. */
export async function warnOwner({ sessions, notices, clock }: WarnPorts, session: Session): Promise<Session> {
  const now = clock.now();
  const minutes = dueWarning(session, now);
  if (minutes === undefined) return session;
  const warned = markWarned(session, minutes);
  const given = await notices.give(warned, noticeOf(session, now));
  if (given === 'changed') return (await sessions.find(session.sessionId)) ?? session;
  if (given !== 'unread') return given;
  // An agent that has left the last notice unread gets no other. The event goes out all the same.
  return (await sessions.save(warned)) ?? session;
}

function noticeOf({ expiresAt, latestEnd }: Session, now: Instant): string {
  const advice =
    expiresAt < latestEnd
      ? 'To extend it: bastion extend 1h'
      : 'It can not be extended: its longest lifetime is over then.';
  return `This bastion ends in ${inMinutes(expiresAt - now)}, at ${clockTime(expiresAt)} UTC. ${advice}`;
}
