/**
 * The expectations of a session's owner: until when it lives, and from where it may be reached. They follow from requests and
 * replies, never from the row. AWS may serve two simultaneous requests in either order. A request that was sent after another's
 * reply has the last word.
 */
import { hourMs, minuteMs, secondMs } from '../support/time.ts';
import type { Evidence } from './evidence.ts';
import { isUntaken, type Row } from './ledger.ts';
import { grantsSession, type SentRequest, settledAt } from './requests.ts';

/** A request that may have made or changed the session. */
interface Expectation {
  readonly sent: SentRequest;
  /** If the request had an effect, it was between these two moments. */
  readonly from: number;
  readonly until: number;
  /** The reply confirmed it. */
  readonly isGranted: boolean;
}

interface Span {
  readonly from: number;
  readonly until: number;
}

/** The clocks of the functions differ by up to this much from each other. */
export const skewMs = secondMs;

/** A bastion that is not up this long after its start ends. */
const readyWithinMs = 15 * minuteMs;

/** Whether a bastion has had its time to come up, as some function's clock may see it. The row tells whether it was seen up. */
export function isOverdueStart(evidence: Evidence, row: Row): boolean {
  const createdAt = evidence.ledger.creations.get(row.sessionId)?.at ?? Infinity;
  return isAwaited(row) && evidence.now() >= createdAt + readyWithinMs - skewMs;
}

/** Whether the row is that of a bastion which has not been seen up. */
export const isAwaited = (row: Row): boolean =>
  ['pooled', 'running'].includes(row.state) && !isTarget(row) && (row.host === undefined || row.readyAt === undefined);

const unitMs = { m: minuteMs, h: hourMs } as const;
const defaultTtlMs = unitMs.h;
const webhookTtlMs = 7 * 24 * unitMs.h;

/** @param judged the request whose reply is judged: it need not have seen anything that was answered after it was sent */
export function expiriesOf(evidence: Evidence, row: Row, judged?: SentRequest): readonly Span[] {
  if (isUntaken(row)) {
    const expiresAt = (row.pool?.at ?? 0) + evidence.pool.maxAgeMs;
    return [{ from: expiresAt - skewMs, until: expiresAt + skewMs }];
  }
  const expectations = expectationsFor(evidence, row).filter(
    ({ sent }) => isMaker(evidence, row, sent) || ttlMsOf(sent) !== undefined,
  );
  return latest(expectations, judged).map(({ sent, from, until }) => {
    const ttlMs = ttlMsOf(sent) ?? (isTarget(row) ? webhookTtlMs : defaultTtlMs);
    return { from: from + ttlMs - skewMs, until: until + ttlMs + skewMs };
  });
}

/** The only addresses that the session's group may allow. A target allows none. */
export function addressesOf(evidence: Evidence, row: Row): readonly string[] {
  const expectations = isTarget(row) ? [] : latest(expectationsFor(evidence, row));
  return [...new Set(expectations.map(({ sent }) => cidrOf(sent)))];
}

export function cidrOf({ request: { from = '' } }: SentRequest): string {
  return from.includes(':') ? `${from}/128` : `${from}/32`;
}

const isTarget = ({ claim }: Row): boolean => claim.startsWith('activation#');

function expectationsFor(evidence: Evidence, { sessionId, claim }: Row): Expectation[] {
  const creation = evidence.ledger.creations.get(sessionId);
  if (creation === undefined) throw new Error(`Got session ${sessionId}, expected one whose creation the judge saw.`);
  return evidence.requests.about(claim).flatMap((sent): Expectation[] => {
    if (sent === creation.by) return [{ sent, from: sent.sentAt, until: creation.at, isGranted: true }];
    if (!sent.route.startsWith('POST /') || sent.route === 'POST /stop' || settledAt(sent) < creation.at) return [];
    const status = sent.outcome?.reply?.status ?? 500;
    const isGranted = grantsSession(sent, sessionId);
    // A refused request, or one that got another session, has changed nothing here. A failed one may have.
    if (!isGranted && status < 500) return [];
    return [{ sent, from: sent.sentAt, until: Math.min(settledAt(sent), evidence.now()), isGranted }];
  });
}

/** The expectations that no later, granted one replaces. */
function latest(expectations: readonly Expectation[], judged?: SentRequest): readonly Expectation[] {
  const asOf = judged?.sentAt ?? Infinity;
  return expectations.filter(
    ({ until }) =>
      !expectations.some(
        (later) => later.isGranted && later.from > until && (later.until <= asOf || later.sent === judged),
      ),
  );
}

const isMaker = ({ ledger }: Evidence, { sessionId }: Row, sent: SentRequest): boolean =>
  ledger.creations.get(sessionId)?.by === sent;

function ttlMsOf({ request }: SentRequest): number | undefined {
  const [, count, unit] = /^(\d+)([mh])$/.exec(request.query?.ttl ?? '') ?? [];
  return unit === 'm' || unit === 'h' ? Number(count) * unitMs[unit] : undefined;
}
