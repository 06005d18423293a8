/** What must hold for bastions that wait for an owner. */
import * as v from 'valibot';
import type { Call } from '../../emulator/wire.ts';
import { taskIdOf } from '../support/task-id.ts';
import { minuteMs, secondMs } from '../support/time.ts';
import type { Evidence } from './evidence.ts';
import { isAwaited, skewMs } from './expectations.ts';
import { type Change, isLive, isTaking, isUntaken, type Row } from './ledger.ts';
import type { SentRequest } from './requests.ts';

/** A call that its function has made may have its effect after the function's end. */
const callMs = 15 * secondMs;
/** The agent of a taken bastion has this long to take its key. */
const keyTakenWithinMs = 3 * secondMs;
/** A pass of the reaper ends what it has seen at its beginning. Its function may be cut off after this time. */
const passMs = minuteMs;
/** The reaper's next pass ends what has expired, and the pass after it if that one was slow. */
export const pastAgeMs = 3 * minuteMs;

/** A bastion changes hands once: from nobody to the one who asks for it, within its age. */
export function ownershipViolations(
  evidence: Evidence,
  { before, after }: Change,
  by: SentRequest | undefined,
): string[] {
  if (before === undefined || after === undefined || before.claim === after.claim) return [];
  const session = `session ${after.sessionId}`;
  if (isUntaken(before) && !isLive(after)) return [];
  if (!isTaking({ before, after }) || !isUntaken(before))
    return [`${session} of ${before.claim} became that of ${after.claim} while it was ${before.state}`];
  const isAsked = by?.claim === after.claim && by.route === 'POST /';
  const isYoung = evidence.now() <= (after.pool?.at ?? 0) + evidence.pool.maxAgeMs + skewMs;
  return [
    ...(isAsked ? [] : [`${session} was given to ${after.claim}, who did not ask for it`]),
    ...(isYoung ? [] : [`${session} was given to ${after.claim} although it was too old`]),
  ];
}

const authorizing = v.object({ GroupId: v.string() });

/** No rule opens a bastion that nobody has taken. */
export function openingViolations({ aws, ledger }: Evidence, { action, input }: Call): string[] {
  if (action !== 'AuthorizeSecurityGroupIngress') return [];
  const { GroupId } = v.parse(authorizing, input);
  const group = aws.ec2.groups.all().find(({ id }) => id === GroupId);
  const row = ledger.rows.get(group?.tags.get('bastion:session') ?? '');
  return row && isUntaken(row) ? [`session ${row.sessionId} was opened, and nobody has taken it`] : [];
}

/** A taken bastion lets in its owner's key, and no other key was ever in it. */
export function keyViolations(
  { containers, ledger }: Evidence,
  { sessionId, claim, pool, taskArn = '' }: Row,
): string[] {
  const key = containers.keyOf(taskIdOf(taskArn));
  if (pool === undefined || key === undefined) return [];
  return key === ledger.creations.get(sessionId)?.by?.request.body
    ? []
    : [`session ${sessionId} lets in another key than that of ${claim}`];
}

/** The other bastions that a pass may have seen in the pool: those that are there, and those that have left it since. */
function othersSeen(evidence: Evidence, { sessionId }: Row): number {
  const { ledger } = evidence;
  const seenFrom = evidence.now() - passMs - skewMs;
  return [...ledger.rows.values()].filter((row) => {
    if (row.pool === undefined || row.sessionId === sessionId) return false;
    if (isUntaken(row) && isLive(row)) return true;
    const takenAt = row.owner === undefined ? undefined : ledger.creations.get(row.sessionId)?.at;
    return (takenAt ?? ledger.endedAt.get(row.sessionId) ?? 0) >= seenFrom;
  }).length;
}

/** The causes that justify the end of a bastion from the pool, beside those of every session. */
export function isPoolsEnd(evidence: Evidence, before: Row, after: Row, by: SentRequest | undefined): boolean {
  const { ledger, pool, requests } = evidence;
  if (after.pool === undefined) return false;
  if (isUntaken(before)) {
    if (after.reason === 'stopped') return othersSeen(evidence, after) >= pool.size;
    const startedAt = ledger.creations.get(after.sessionId)?.at ?? Infinity;
    return after.reason === 'start-failed' && evidence.wasHit(/^Pool$/, startedAt - callMs);
  }
  const takenAt = ledger.creations.get(after.sessionId)?.at ?? Infinity;
  if (after.reason === 'start-failed')
    return isAwaited(before) && evidence.now() >= takenAt + keyTakenWithinMs - skewMs;
  const hasLost = before.state === 'starting' && by?.claim === after.claim && by.route === 'POST /';
  return after.reason === 'stopped' && hasLost && requests.concurrentWith(by).length > 0;
}
