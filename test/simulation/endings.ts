/** The moves that a row may make, and the causes that justify its end. */
import { idleExitCode } from '../../contracts/agent.ts';
import { taskIdOf } from '../support/task-id.ts';
import type { Evidence } from './evidence.ts';
import { expiriesOf, isOverdueStart } from './expectations.ts';
import { type Change, isLive, isUntaken, type Row } from './ledger.ts';
import { isPoolsEnd, ownershipViolations } from './pool.ts';
import { type SentRequest, sessionIdIn } from './requests.ts';

/** `none`: there is no row. */
type State = Row['state'] | 'none';

const moves: Readonly<Record<State, readonly State[]>> = {
  none: ['starting'],
  starting: ['pooled', 'running', 'stopping', 'none'],
  pooled: ['starting', 'stopping'],
  running: ['stopping'],
  stopping: ['stopped'],
  stopped: [],
};

/** The violations of one change of a row. @param by the request whose function made the change, if any */
export function changeViolations(evidence: Evidence, { before, after }: Change, by: SentRequest | undefined): string[] {
  const row = after ?? before;
  const from: State = before?.state ?? 'none';
  const to: State = after?.state ?? 'none';
  if (row === undefined) return [];
  const ownership = ownershipViolations(evidence, { before, after }, by);
  if (from === to || ownership.length > 0) return ownership;
  const session = `session ${row.sessionId} of ${row.claim}`;
  if (!moves[from].includes(to)) return [`${session} went from ${from} to ${to}`];
  if (before === undefined) {
    const isOwnersStart = by?.claim === row.claim && by.route.startsWith('POST /');
    const isPools = by === undefined && isUntaken(row) && row.owner === undefined;
    return isOwnersStart || isPools ? [] : [`${session} was made without a request of its owner`];
  }
  if (after === undefined) return deletionViolations(evidence, before);
  if (after.state !== 'stopping' || isJustifiedEnd(evidence, before, after, by)) return [];
  if (isPoolsEnd(evidence, before, after, by)) return [];
  return [`${session} ended (${after.reason}) without cause`];
}

/** A row is deleted only if its start lost the race for the claim. Such a start has made nothing else. */
function deletionViolations({ ledger }: Evidence, { sessionId, claim }: Row): string[] {
  const hasClaim = ledger.claims.get(claim) === sessionId;
  const hasTask = [...ledger.tasks.values()].includes(sessionId);
  return hasClaim || hasTask ? [`the row of session ${sessionId} was deleted although it had a claim or a task`] : [];
}

function isJustifiedEnd(evidence: Evidence, before: Row, after: Row, by: SentRequest | undefined): boolean {
  switch (after.reason) {
    case 'stopped':
      return by !== undefined && isStopOf(by, after);
    case 'expired':
      return expiriesOf(evidence, before).some(({ from }) => from <= evidence.now());
    case 'idle': {
      const exitCode = evidence.containers.exitCodeOf(taskIdOf(after.taskArn));
      return before.state === 'running' && exitCode === idleExitCode;
    }
    case 'exited':
      return isLive(before) && evidence.hasContainerEnded(after);
    case 'start-failed':
      return (
        (before.state === 'starting' && mayStartHaveFailed(evidence, before)) ||
        evidence.hasContainerEnded(after) ||
        isOverdueStart(evidence, before)
      );
    default:
      return false;
  }
}

function isStopOf({ claim, route, request }: SentRequest, row: Row): boolean {
  if (route === 'POST /stop') return sessionIdIn(request.body ?? '') === row.sessionId;
  return route === 'DELETE /' && claim === row.claim;
}

/** Whether a fault hit the request that made the session. */
export function mayStartHaveFailed({ ledger }: Evidence, { sessionId }: Row): boolean {
  return (ledger.creations.get(sessionId)?.by?.faults ?? []).length > 0;
}
