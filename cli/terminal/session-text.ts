/** Sessions as a person reads them. */
import type { SessionView } from '../../contracts/api.ts';
import { table } from './table.ts';
import { localTime, span } from './times.ts';

export function statusText(view: SessionView, now: number): string {
  const { state, user, login, host, port, allowedCidrs, keyFingerprint, createdAt, expiresAt, cost } = view;
  const place = host === undefined ? 'no address yet' : `${login}@${host} port ${port}`;
  return table([
    [state, place],
    ...(user === undefined ? [] : [['user', user]]),
    ['since', `${localTime(createdAt, now)} (${span(now - Date.parse(createdAt))} ago)`],
    ['until', untilText(expiresAt, now)],
    ...(cost === undefined ? [] : [['cost', `$${cost.soFar} so far, $${cost.perHour} an hour`]]),
    ['allowed', allowedCidrs.join(', ')],
    ...(keyFingerprint === undefined ? [] : [['key', keyFingerprint]]),
  ]);
}

export const untilText = (expiresAt: string, now: number): string =>
  `${localTime(expiresAt, now)} (${span(Date.parse(expiresAt) - now)} left)`;

/** The history as a table, or a sentence when there is none. */
export function historyText(sessions: readonly SessionView[], now: number): string {
  if (sessions.length === 0) return 'No session of the past 30 days.';
  const rows = sessions.map(({ createdAt, endedAt, expiresAt, state, reason, user, host, agent, cost }) => [
    localTime(createdAt, now),
    localTime(endedAt ?? expiresAt, now),
    reason ?? state,
    user ?? '-',
    host ?? agent ?? '-',
    cost === undefined ? '-' : `$${cost.soFar}`,
  ]);
  return table([['STARTED', 'UNTIL', 'STATE', 'USER', 'ADDRESS', 'COST'], ...rows]);
}
