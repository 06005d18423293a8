/** The judge's book of events: what must be announced of each change of a row, and what has been. */
import * as v from 'valibot';
import type { Call } from '../../emulator/wire.ts';
import { minuteMs } from '../support/time.ts';
import { type Change, isUntaken, type Row } from './ledger.ts';

const putEvents = v.object({
  Entries: v.array(
    v.object({
      DetailType: v.string(),
      Detail: v.pipe(v.string(), v.parseJson(), v.object({ id: v.string(), sessionId: v.string() })),
    }),
  ),
});

/** The pass of the reaper that warns may begin this long after the moment, and the row is due a little later. */
const warnedWithinMs = 3 * minuteMs;
const lastWarningMs = 5 * minuteMs;

export class Announcements {
  /** The ids that must be announced for each session, in the order of its changes. */
  readonly #expected = new Map<string, string[]>();
  readonly #heard = new Set<string>();
  /** For each session the moment from which on its end has been what it is. */
  readonly #endKnownAt = new Map<string, number>();

  /** Notes what a change of a row must have announced. @returns violations of the warning that should have come before */
  expect({ before, after }: Change, now: number, wasReaperHit: (since: number) => boolean): string[] {
    if (before === undefined || after === undefined) return [];
    const { sessionId } = after;
    if (before.expiresAt !== after.expiresAt || before.readyAt !== after.readyAt) this.#endKnownAt.set(sessionId, now);
    const moves = movesOf(before, after);
    const ids = moves.map((move) => `${sessionId}/${move}/${after.version}`);
    this.#expected.set(sessionId, [...(this.#expected.get(sessionId) ?? []), ...ids]);
    const warned = moves.includes('ending') ? after.warned : undefined;
    const dueAt = Math.max(
      (warned?.end ?? now) - (warned?.minutes ?? 0) * minuteMs,
      this.#endKnownAt.get(sessionId) ?? 0,
    );
    if (dueAt < now - warnedWithinMs && !wasReaperHit(dueAt - warnedWithinMs))
      return [`the warning of session ${sessionId} came ${now - dueAt} ms late`];
    const isSurprise =
      before.state === 'running' &&
      after.state === 'stopping' &&
      after.reason === 'expired' &&
      before.readyAt !== undefined &&
      !isTarget(after) &&
      after.warned?.minutes !== lastWarningMs / minuteMs &&
      (this.#endKnownAt.get(sessionId) ?? now) < after.expiresAt - lastWarningMs - warnedWithinMs &&
      !wasReaperHit(after.expiresAt - lastWarningMs - warnedWithinMs);
    return isSurprise ? [`session ${sessionId} expired without a warning`] : [];
  }

  /** Notes what has been announced. @returns violations: events of what has not happened, or in a wrong order */
  hear(call: Call): string[] {
    if (call.action !== 'PutEvents') return [];
    return v.parse(putEvents, call.input).Entries.flatMap(({ Detail: { id, sessionId } }) => {
      const ids = this.#expected.get(sessionId) ?? [];
      const place = ids.indexOf(id);
      if (place < 0) return [`${id} was announced, and has not happened`];
      const missed = ids.slice(0, place).find((earlier) => !this.#heard.has(earlier));
      this.#heard.add(id);
      return missed === undefined ? [] : [`${id} was announced before ${missed}`];
    });
  }

  /** The events that must have been announced by now, and have not been. */
  missing(): string[] {
    const ids = [...this.#expected.values()].flat();
    return ids.filter((id) => !this.#heard.has(id)).map((id) => `${id} was never announced`);
  }
}

const isTarget = ({ claim }: Row): boolean => claim.startsWith('activation#');
const isUp = (row: Row): boolean => row.state === 'running' && row.host !== undefined && row.readyAt !== undefined;

function movesOf(before: Row, after: Row): string[] {
  if (isUntaken(after) || after.claim === 'pool-ended') return [];
  const runs = before.state === 'running' && after.state === 'running';
  const sameEnd = before.warned?.end === after.warned?.end && before.warned?.minutes === after.warned?.minutes;
  return [
    ...(before.state !== 'running' && after.state === 'running' ? ['started'] : []),
    ...(!isUp(before) && isUp(after) ? ['ready'] : []),
    ...(runs && before.allowedCidrs.join() !== after.allowedCidrs.join() ? ['moved'] : []),
    ...(runs && before.expiresAt !== after.expiresAt ? ['extended'] : []),
    ...(after.warned !== undefined && !sameEnd ? ['ending'] : []),
    ...(before.state !== 'stopped' && after.state === 'stopped' ? ['ended'] : []),
  ];
}
