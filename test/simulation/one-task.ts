/** A claim has one live task at most. */
import { taskIdOf } from '../support/task-id.ts';
import type { Evidence } from './evidence.ts';
import { isLive, isUntaken, type Ledger, type Row } from './ledger.ts';

export function oneTaskViolations({ ledger, containers }: Pick<Evidence, 'ledger' | 'containers'>): string[] {
  const sessionIds = new Map<string, string>();
  return [...ledger.tasks].flatMap(([arn, sessionId]) => {
    const row = ledger.rows.get(sessionId);
    const hasEnded = ledger.stoppedTaskArns.has(arn) || containers.endedAt(taskIdOf(arn)) !== undefined;
    if (!row || !isLive(row) || isUntaken(row) || isTakenBeside(ledger, row) || hasEnded) return [];
    const other = sessionIds.get(row.claim);
    sessionIds.set(row.claim, sessionId);
    return other === undefined ? [] : [`two live tasks for ${row.claim}: sessions ${other} and ${sessionId}`];
  });
}

/** Whether the row was taken from the pool by a request that another one of its owner overtakes. It is never opened. */
const isTakenBeside = ({ claims }: Ledger, { pool, state, sessionId, claim }: Row): boolean =>
  pool !== undefined && state === 'starting' && claims.get(claim) !== sessionId;
