/** The warnings that a bastion's owner gets before its end. */
import type { Instant, Session } from './row.ts';

const minuteMs = 60_000;

/** A warning comes so many minutes before the end, the last one first. */
const warningMinutes = [5, 15] as const;

/** True for a bastion that somebody can be logged in to. */
const isInUse = ({ state, host, readyAt }: Session): boolean =>
  state === 'running' && host !== undefined && readyAt !== undefined;

/** The moments of all warnings. A bastion that begins later than one of them goes without it. */
const momentsOf = ({ createdAt, expiresAt }: Session): readonly { readonly minutes: number; readonly at: Instant }[] =>
  warningMinutes.map((minutes) => ({ minutes, at: expiresAt - minutes * minuteMs })).filter(({ at }) => at > createdAt);

/** Returns the minutes of the warning that the owner should have had by now, or undefined if they have had it. */
export function dueWarning(session: Session, now: Instant): number | undefined {
  const { expiresAt, warned } = session;
  const due = isInUse(session) ? momentsOf(session).find(({ at }) => at <= now && now < expiresAt) : undefined;
  if (due === undefined) return undefined;
  return warned !== undefined && warned.end === expiresAt && warned.minutes <= due.minutes ? undefined : due.minutes;
}

/** The owner has been warned of this end. A change of the expiry makes another end of it. */
export function markWarned(session: Session, minutes: number): Session {
  return { ...session, warned: { end: session.expiresAt, minutes } };
}

/** Returns the moment of the next warning, or of the end. It is `now` while a warning is due. */
export function nextWarningOrEnd(session: Session, now: Instant): Instant {
  if (dueWarning(session, now) !== undefined) return now;
  const moments = isInUse(session) ? momentsOf(session).map(({ at }) => at) : [];
  return Math.min(session.expiresAt, ...moments.filter((at) => at > now));
}
