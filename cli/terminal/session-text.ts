/** Sessions as a person reads them. */
import type { EndReason, PoolView, SessionView } from '../../contracts/api.ts';
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

/** Why a session has ended. */
export const endSentences: Readonly<Record<EndReason, string>> = {
  stopped: 'Somebody stopped it.',
  expired: 'Its time was over.',
  idle: 'It was idle: nobody was connected for the time that the setting idleEnd gives.',
  exited: 'Its agent ended by itself.',
  'start-failed': 'Its start failed.',
};

/** `Pool: 1 of 2 ready, 1 starting, Mon-Fri 08:00-18:00 Europe/Berlin, $6.47 a month.` */
export function poolText({ size, hours, ready, starting, cost }: PoolView): string {
  const parts = [
    `${ready} of ${size} ready`,
    ...(starting === 0 ? [] : [`${starting} starting`]),
    hours,
    ...(cost === undefined ? [] : [`$${cost.perMonth} a month`]),
  ];
  return `Pool: ${parts.join(', ')}.`;
}

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
