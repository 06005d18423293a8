/** Checks what must hold once faults have ended and the reaper has done its work. */
import { startLeaseMs } from '../../lambdas/core/session/session.ts';
import type { Deployment } from '../support/deployment.ts';
import { secondMs } from '../support/time.ts';
import { noticedMs } from './deadlines.ts';
import { expiriesOf } from './expectations.ts';
import { keptSessionIds } from './keep-tag-actor.ts';
import { isLive, isUntaken, type Row } from './ledger.ts';
import type { Oracle } from './oracle.ts';
import { isGhost } from './strangers.ts';

/** An expired session ends at the reaper's next pass. */
const overdueMs = 90 * secondMs;

/** @param since a session that ended after this moment may still be on its way out; by default everything must be gone */
export async function checkFinalState(bastions: Deployment, oracle: Oracle, since = Infinity): Promise<void> {
  const { rows, endedAt } = oracle.ledger;
  const mayRemain = (row: Row) => isLive(row) || (endedAt.get(row.sessionId) ?? 0) >= since;
  const remaining = new Map([...rows].filter(([, row]) => mayRemain(row)));
  const kept = keptSessionIds(bastions, oracle);
  checkSessions(oracle, remaining, kept);
  for (const missing of oracle.announcements.missing()) oracle.record(missing);
  checkTable(oracle, remaining, kept);
  await checkTasks(bastions, oracle, remaining);
  checkGroups(bastions, oracle, remaining, kept);
}

type Rows = ReadonlyMap<string, Row>;
type SessionIds = ReadonlySet<string>;

function checkSessions(oracle: Oracle, remaining: Rows, kept: SessionIds): void {
  const now = oracle.now();
  for (const row of oracle.ledger.rows.values()) {
    const { sessionId, state } = row;
    const mayWait = remaining.has(sessionId) || kept.has(sessionId);
    // The pool goes on: its last start may be under way.
    const isPoolsStart = isUntaken(row) && now < row.createdAt + startLeaseMs;
    if ((state === 'starting' && !isPoolsStart) || (state === 'stopping' && !mayWait))
      oracle.record(`session ${sessionId} is still ${state}`);
    if (!isLive(row)) continue;
    if (expiriesOf(oracle, row).every(({ until }) => until + overdueMs < now))
      oracle.record(`session ${sessionId} has expired and lives`);
    if ((oracle.containerEndedAt(sessionId) ?? now) + noticedMs < now)
      oracle.record(`session ${sessionId} lives although its container ended`);
    oracle.checkIngress(row);
  }
}

function checkTable(oracle: Oracle, remaining: Rows, kept: SessionIds): void {
  for (const [claim, sessionId] of oracle.ledger.claims) {
    if (!remaining.has(sessionId) && !kept.has(sessionId))
      oracle.record(`the claim ${claim} is held by ${sessionId}, which does not live`);
  }
  for (const key of oracle.ledger.handoffs) {
    const taskId = key.split(':').at(-1);
    const owner = [...remaining.values()].find(({ taskArn }) => taskArn?.endsWith(`/${taskId}`));
    if (!owner) oracle.record(`the handoff of task ${taskId} is left without a live session`);
  }
}

async function checkTasks(bastions: Deployment, oracle: Oracle, remaining: Rows): Promise<void> {
  for (const { taskArn } of await bastions.tasksAlive()) {
    const sessionId = oracle.ledger.tasks.get(taskArn);
    if (sessionId !== undefined && !isGhost(sessionId) && !remaining.has(sessionId))
      oracle.record(`task ${taskArn} runs for ${sessionId}, which does not live`);
  }
}

function checkGroups(bastions: Deployment, oracle: Oracle, remaining: Rows, kept: SessionIds): void {
  const { groups, interfaces } = bastions.aws.ec2;
  for (const { id, name, tags } of groups.all()) {
    const sessionId = tags.get('bastion:session');
    const isOurs = tags.get('bastion:stack') === 'Bastions' && sessionId !== undefined && !isGhost(sessionId);
    if (!isOurs || remaining.has(sessionId)) continue;
    if (!kept.has(sessionId)) oracle.record(`security group ${name} is left without a live session`);
    for (const { id: interfaceId } of interfaces.all().filter(({ groupIds }) => groupIds.includes(id)))
      oracle.record(`network interface ${interfaceId} of ${sessionId} is left without a live session`);
  }
}
