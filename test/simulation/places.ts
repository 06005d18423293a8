/**
 * The judge's book of places: which sessions hold one, as the calls had their effect. A session that has a task counts against the
 * limit as long as it lives, and each session that ended gives its place back.
 */
import * as v from 'valibot';
import type { Call } from '../../emulator/wire.ts';
import { minuteMs } from '../support/time.ts';
import { isLive, type Ledger, type Row } from './ledger.ts';
import { type SentRequest, settledAt } from './requests.ts';

const groups = ['people', 'targets'] as const;
export type Group = (typeof groups)[number];

/** The most sessions of each group that may live at the same time. */
export type Limits = Readonly<Record<Group, number>>;

/** The pool of a world. */
export interface PoolLimits {
  /** Bastions that it keeps, 0 in a world without one. */
  readonly size: number;
  /** Milliseconds from the birth of a bastion to its end, if nobody takes it. */
  readonly maxAgeMs: number;
}

/** What the stack is deployed with, unless a setting says otherwise. */
export const defaultLimits: Limits = { people: 20, targets: 20 };

export const groupOf = (claim: string): Group => (claim.startsWith('activation#') ? 'targets' : 'people');

/** A call may have its effect after its session has ended. The reaper repairs places every ten minutes. */
export const placeFreeMs = 13 * minuteMs;

const placesChange = v.object({
  Key: v.object({ pk: v.object({ S: v.pipe(v.string(), v.regex(/^places#/)) }) }),
  UpdateExpression: v.pipe(v.string(), v.regex(/^(ADD|DELETE) /)),
  ExpressionAttributeValues: v.object({ ':ids': v.object({ SS: v.array(v.string()) }) }),
});

/** The holders of a group's places from a moment on. */
interface Moment {
  readonly at: number;
  readonly holders: ReadonlySet<string>;
}

export class Places {
  readonly #moments: Record<Group, Moment[]> = { people: [], targets: [] };

  /** Notes a call that has just had its effect. */
  note({ action, input }: Call, now: number): void {
    if (action !== 'UpdateItem' || !v.is(placesChange, input)) return;
    const group = v.parse(v.picklist(groups), input.Key.pk.S.slice('places#'.length));
    const holders = new Set(this.holders(group));
    for (const id of input.ExpressionAttributeValues[':ids'].SS) {
      if (input.UpdateExpression.startsWith('ADD ')) holders.add(id);
      else holders.delete(id);
    }
    this.#moments[group].push({ at: now, holders });
  }

  holders(group: Group): ReadonlySet<string> {
    return this.#moments[group].at(-1)?.holders ?? new Set();
  }

  /** Whether all places were held by sessions of other requests, at some moment since the request was sent. */
  wereFull(ledger: Ledger, sent: SentRequest, limits: Limits): boolean {
    const group = groupOf(sent.claim);
    const moments = this.#moments[group];
    const first = moments.findLastIndex(({ at }) => at < sent.sentAt);
    const others = ({ holders }: Moment) => [...holders].filter((id) => ledger.creations.get(id)?.by !== sent);
    return moments
      .slice(Math.max(first, 0))
      .some((moment) => moment.at <= settledAt(sent) && others(moment).length >= limits[group]);
  }
}

/** A task was started: do more sessions of its group live with a task than may? */
export function limitViolations(ledger: Ledger, limits: Limits): string[] {
  const withTask = new Set(ledger.tasks.values());
  const live = [...ledger.rows.values()].filter((row) => isLive(row) && withTask.has(row.sessionId));
  return groups.flatMap((group) => {
    const count = live.filter(({ claim }) => groupOf(claim) === group).length;
    return count > limits[group] ? [`${count} sessions of ${group} live, expected at most ${limits[group]}`] : [];
  });
}

/** A session that runs holds a place, so that it counts. */
export function placeViolations(places: Places, row: Row): string[] {
  const isCounted = row.state !== 'running' || places.holders(groupOf(row.claim)).has(row.sessionId);
  return isCounted ? [] : [`session ${row.sessionId} of ${row.claim} runs without a place`];
}
