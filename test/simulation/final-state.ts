/** What must hold once faults have ended and the reaper has done its work. */
import type { Deployment } from '../support/deployment.ts';
import { secondMs } from '../support/time.ts';
import { expiriesOf } from './expectations.ts';
import { keptSessions } from './keep-tag-actor.ts';
import { isLive, type Row } from './ledger.ts';
import { noticedMs, type Oracle } from './oracle.ts';
import { isGhost } from './strangers.ts';

/** The reaper's next pass ends what has expired. */
const overdueMs = 90 * secondMs;

/** @param since what has ended since then may still be on its way out; by default everything must be gone */
export async function checkRest(bastions: Deployment, oracle: Oracle, since = Infinity): Promise<void> {
  const { rows, claims, handoffs, ended } = oracle.ledger;
  const now = bastions.clock.now();
  const isExplained = (row: Row) => isLive(row) || (ended.get(row.sessionId) ?? 0) >= since;
  const explained = new Map([...rows].filter(([, row]) => isExplained(row)));
  const kept = keptSessions(bastions, oracle);
  const mayWait = (sessionId: string) => explained.has(sessionId) || kept.has(sessionId);

  for (const row of rows.values()) {
    const { sessionId, state } = row;
    if (state === 'starting' || (state === 'stopping' && !mayWait(sessionId)))
      oracle.violated(`session ${sessionId} is still ${state}`);
    if (!isLive(row)) continue;
    if (expiriesOf(oracle, row).every(({ until }) => until + overdueMs < now))
      oracle.violated(`session ${sessionId} has expired and lives`);
    if ((oracle.endedAt(sessionId) ?? now) + noticedMs < now)
      oracle.violated(`session ${sessionId} lives although its container ended`);
    oracle.checkIngress(row);
  }
  for (const [claim, sessionId] of claims) {
    if (!mayWait(sessionId)) oracle.violated(`the claim ${claim} is held by ${sessionId}, which does not live`);
  }
  for (const key of handoffs) {
    const taskId = key.split(':').at(-1);
    const owner = [...explained.values()].find(({ taskArn }) => taskArn?.endsWith(`/${taskId}`));
    if (!owner) oracle.violated(`the handoff of task ${taskId} is left without a live session`);
  }
  for (const { taskArn } of await bastions.tasksAlive()) {
    const sessionId = oracle.ledger.tasks.get(taskArn);
    if (sessionId !== undefined && !isGhost(sessionId) && !explained.has(sessionId))
      oracle.violated(`task ${taskArn} runs for ${sessionId}, which does not live`);
  }
  const { groups, interfaces } = bastions.aws.ec2;
  for (const { id, name, tags } of groups.all()) {
    const sessionId = tags.get('bastion:session');
    const isOurs = tags.get('bastion:stack') === 'Bastions' && sessionId !== undefined && !isGhost(sessionId);
    if (!isOurs || explained.has(sessionId)) continue;
    if (!kept.has(sessionId)) oracle.violated(`security group ${name} is left without a live session`);
    for (const { id: interfaceId } of interfaces.all().filter(({ groupIds }) => groupIds.includes(id)))
      oracle.violated(`network interface ${interfaceId} of ${sessionId} is left without a live session`);
  }
}
