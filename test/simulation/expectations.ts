/**
 * What the owner of a session wishes, by what was asked and answered, never by the row: until when it shall live, and from where
 * it may be reached. Two who ask at once may be served in either order; who asks after the other was answered has the last word.
 */

import { hourMs, minuteMs } from '../support/time.ts';
import type { Row } from './ledger.ts';
import type { Oracle } from './oracle.ts';
import { type Asked, isGranted, overAt } from './requests.ts';

/** A request that may have changed the session, or has made it. */
interface Wish {
  readonly asked: Asked;
  /** It had its effect between these two moments, if it had one. */
  readonly from: number;
  readonly until: number;
  /** It had one: somebody was told so. */
  readonly isGranted: boolean;
}

interface Span {
  readonly from: number;
  readonly until: number;
}

/** Functions' clocks differ by up to this much from each other. */
export const skewMs = 1000;

const unitMs = { m: minuteMs, h: hourMs } as const;
const defaultTtlMs = unitMs.h;
const webhookTtlMs = 7 * 24 * unitMs.h;

/** @param by the request whose reply is judged: what was answered after it was asked, it need not have seen */
export function expiriesOf(oracle: Oracle, row: Row, by?: Asked): readonly Span[] {
  const wishes = wishesFor(oracle, row).filter((wish) => isMaker(oracle, row, wish.asked) || ttlOf(wish.asked));
  return lastWords(wishes, by).map(({ asked, from, until }) => {
    const ttlMs = ttlOf(asked) ?? (row.claim.startsWith('activation#') ? webhookTtlMs : defaultTtlMs);
    return { from: from + ttlMs - skewMs, until: until + ttlMs + skewMs };
  });
}

/** The only addresses that may be let in; a target lets nobody in. */
export function addressesOf(oracle: Oracle, row: Row): readonly string[] {
  const wishes = row.claim.startsWith('activation#') ? [] : lastWords(wishesFor(oracle, row));
  return [...new Set(wishes.map(({ asked }) => cidrOf(asked)))];
}

export function cidrOf({ request: { from = '' } }: Asked): string {
  return from.includes(':') ? `${from}/128` : `${from}/32`;
}

function wishesFor(oracle: Oracle, { sessionId, claim }: Row): Wish[] {
  const made = oracle.ledger.made.get(sessionId);
  if (made === undefined) throw new Error(`The judge has not seen session ${sessionId} being made.`);
  return oracle.requests.of(claim).flatMap((asked): Wish[] => {
    if (asked === made.by) return [{ asked, from: asked.at, until: made.at, isGranted: true }];
    if (!asked.route.startsWith('POST /') || asked.route === 'POST /stop' || overAt(asked) < made.at) return [];
    const status = asked.outcome?.answer?.status ?? 500;
    const granted = isGranted(asked, sessionId);
    // Whoever was refused, or given another session, has changed nothing of this one; who knows what a failure has done.
    if (!granted && status < 500) return [];
    return [{ asked, from: asked.at, until: Math.min(overAt(asked), oracle.now()), isGranted: granted }];
  });
}

function lastWords(wishes: readonly Wish[], by?: Asked): readonly Wish[] {
  const asOf = by?.at ?? Infinity;
  return wishes.filter(
    (wish) =>
      !wishes.some(
        (later) => later.isGranted && later.from > wish.until && (later.until <= asOf || later.asked === by),
      ),
  );
}

const isMaker = (oracle: Oracle, { sessionId }: Row, asked: Asked): boolean =>
  oracle.ledger.made.get(sessionId)?.by === asked;

function ttlOf({ request }: Asked): number | undefined {
  const [, count, unit] = /^(\d+)([mh])$/.exec(request.query?.ttl ?? '') ?? [];
  return unit === 'm' || unit === 'h' ? Number(count) * unitMs[unit] : undefined;
}
