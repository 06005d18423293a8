/** What must hold once faults have ended and the reaper has passed twice. */
import type { Deployment } from '../support/deployment.ts';
import { isLive } from './ledger.ts';
import { noticedMs, type Oracle } from './oracle.ts';
import { isGhost } from './strangers.ts';

const overdueMs = 5 * 60_000;

/** Whether a session has ended within the last minute, by its expiry say: its removal is under way as it should be. */
export function isSomeoneLeaving(bastions: Deployment, oracle: Oracle): boolean {
  const justNow = bastions.clock.now() - 60_000;
  return [...oracle.ledger.rows.values()].some(({ state, endedAt = 0 }) => state === 'stopping' && endedAt > justNow);
}

export async function checkRest(bastions: Deployment, oracle: Oracle): Promise<void> {
  const { rows, claims, handoffs } = oracle.ledger;
  const now = bastions.clock.now();
  const live = new Map([...rows].filter(([, row]) => isLive(row)));

  for (const row of rows.values()) {
    if (row.state === 'starting' || row.state === 'stopping')
      oracle.violated(`session ${row.sessionId} is still ${row.state}`);
    if (isLive(row) && row.expiresAt + overdueMs < now)
      oracle.violated(`session ${row.sessionId} has expired and lives`);
  }
  for (const sessionId of live.keys()) {
    const endedAt = oracle.endedAt(sessionId);
    if (endedAt !== undefined && endedAt + noticedMs < now)
      oracle.violated(`session ${sessionId} lives although its container ended`);
  }
  for (const [claim, sessionId] of claims) {
    if (!live.has(sessionId)) oracle.violated(`the claim ${claim} is held by ${sessionId}, which does not live`);
  }
  for (const key of handoffs) {
    const taskId = key.split(':').at(-1);
    const owner = [...live.values()].find(({ taskArn }) => taskArn?.endsWith(`/${taskId}`));
    if (!owner) oracle.violated(`the handoff of task ${taskId} is left without a live session`);
  }
  const alive = await bastions.tasksAlive();
  for (const { taskArn } of alive) {
    const sessionId = oracle.ledger.tasks.get(taskArn);
    if (sessionId !== undefined && !isGhost(sessionId) && !live.has(sessionId))
      oracle.violated(`task ${taskArn} runs for ${sessionId}, which does not live`);
  }
  for (const group of bastions.aws.ec2.groups.all()) {
    const sessionId = group.tags.get('bastion:session');
    const stack = group.tags.get('bastion:stack');
    if (sessionId === undefined || stack !== 'Bastions' || isGhost(sessionId)) continue;
    if (!live.has(sessionId)) oracle.violated(`security group ${group.name} is left without a live session`);
  }
  for (const row of live.values()) oracle.checkIngress(row);
}
