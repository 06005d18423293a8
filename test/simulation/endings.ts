/** The moves that a row may make, and the ends that are true: nothing comes back to life, and nobody is cut off early. */

import { expiriesOf } from './expectations.ts';
import { type Change, isLive, type Row } from './ledger.ts';
import type { Oracle } from './oracle.ts';
import { type Asked, sessionNamedIn } from './requests.ts';

/** `none`: there is no row. */
type State = Row['state'] | 'none';

const moves: Readonly<Record<State, readonly State[]>> = {
  none: ['starting'],
  starting: ['running', 'stopping', 'none'],
  running: ['stopping'],
  stopping: ['stopped'],
  stopped: [],
};

/** What is wrong with a change of a row; `by` is the request at whose hand it came, if it was one's. */
export function wrongChange(oracle: Oracle, { before, after }: Change, by: Asked | undefined): string[] {
  const row = after ?? before;
  const from: State = before?.state ?? 'none';
  const to: State = after?.state ?? 'none';
  if (row === undefined || from === to) return [];
  const session = `session ${row.sessionId} of ${row.claim}`;
  if (!moves[from].includes(to)) return [`${session} went from ${from} to ${to}`];
  if (before === undefined) {
    const hasAsked = by?.who === row.claim && by.route.startsWith('POST /');
    return hasAsked ? [] : [`${session} was made although its owner had not asked`];
  }
  if (after === undefined) return wrongRemoval(oracle, before);
  if (after.state !== 'stopping' || isTrueEnd(oracle, before, after, by)) return [];
  return [`${session} ended (${after.reason}) without cause`];
}

/** A row may vanish only when its start has lost the race for the claim, and so has made nothing. */
function wrongRemoval({ ledger }: Oracle, { sessionId, claim }: Row): string[] {
  const hasClaim = ledger.claims.get(claim) === sessionId;
  const hasTask = [...ledger.tasks.values()].includes(sessionId);
  return hasClaim || hasTask ? [`the row of session ${sessionId} was deleted although it had a claim or a task`] : [];
}

function isTrueEnd(oracle: Oracle, before: Row, after: Row, by: Asked | undefined): boolean {
  switch (after.reason) {
    case 'stopped':
      return by !== undefined && asksToStop(by, after);
    case 'expired':
      return expiriesOf(oracle, before).some(({ from }) => from <= oracle.now());
    case 'exited':
      return isLive(before) && oracle.hasEnded(after);
    case 'start-failed':
      return (before.state === 'starting' && hasFailed(oracle, before)) || oracle.hasEnded(after);
    default:
      return false;
  }
}

function asksToStop({ who, route, request }: Asked, { claim, sessionId }: Row): boolean {
  if (route === 'POST /stop') return sessionNamedIn(request.body ?? '') === sessionId;
  return route === 'DELETE /' && who === claim;
}

/** Something has hit the very request that was to make it. */
export function hasFailed({ ledger }: Oracle, { sessionId }: Row): boolean {
  return (ledger.made.get(sessionId)?.by?.faults ?? []).length > 0;
}
