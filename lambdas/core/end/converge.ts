/**
 * The one function that moves what exists in AWS towards what a row wants, as far as it can go right now, and notes in the
 * row when to look again. Stop, expiry, an exited container, a failed start and the reaper all change the row and then call
 * it. It may be called at any time, by several at once, and again after a crash at any point.
 */

import { change } from '../session/change-session.ts';
import { about } from '../session/log-fields.ts';
import type { Ports } from '../session/ports.ts';
import {
  checkedUp,
  gone,
  groupSettlesMs,
  type Instant,
  isBeingCreated,
  isDue,
  lookAgain,
  lookAgainMs,
  type Session,
  sameCidrs,
  taskFound,
} from '../session/session.ts';
import { hasEnded, observe } from '../watch/observe.ts';

export type ConvergePorts = Pick<Ports, 'sessions' | 'securityGroups' | 'tasks' | 'handoffs' | 'clock' | 'log'>;

export async function converge(ports: ConvergePorts, session: Session): Promise<Session> {
  switch (session.state) {
    case 'starting':
      return session; // its starter is at work, and if it died the reaper ends the session when the lease is over
    case 'running':
      return checkUp(ports, session);
    case 'stopping':
      return remove(ports, session);
    case 'stopped':
      return session;
  }
}

async function checkUp(ports: ConvergePorts, session: Session): Promise<Session> {
  const seen = await observe(ports, session);
  const open = seen.state === 'running' ? await openTo(ports, seen) : seen;
  if (open.state !== 'running') return converge(ports, open);
  // A change of address is confirmed by the look when it is due, and by none before: until then another request may still be
  // applying an older one, and may die of it.
  return change(ports, open, (current) => {
    const now = ports.clock.now();
    return current.state === 'running' && isDue(current, now) ? checkedUp(current, now) : current;
  });
}

const mostRounds = 5;

/**
 * Makes the security group let in exactly the row's addresses: first in, then out, so that nobody is locked out in between.
 * Another request may change the row meanwhile, and apply its addresses before or after ours. It writes the row before it lets
 * anybody in; so whom we have seen in the group, and do not find in the row when we read it again, nobody has just let in.
 */
export async function openTo(ports: Pick<Ports, 'sessions' | 'securityGroups'>, session: Session): Promise<Session> {
  let current = session;
  for (let round = 0; round < mostRounds; round++) {
    if (current.securityGroupId === undefined) return current;
    const applied = current.allowedCidrs;
    const shutOthersOut = await ports.securityGroups.admitToo(current.securityGroupId, current);
    current = (await ports.sessions.find(session.sessionId)) ?? current;
    if (current.state !== 'running') return current;
    if (!sameCidrs(applied, current.allowedCidrs)) continue;
    await shutOthersOut();
    return current;
  }
  return current; // whoever has moved it last has left the row due
}

async function remove(ports: ConvergePorts, session: Session): Promise<Session> {
  const { tasksLeft, session: known } = await stopTasks(ports, session);
  const now = ports.clock.now();
  if (tasksLeft) return later(ports, known, now + lookAgainMs);
  if (isBeingCreated(known, now)) return later(ports, known, known.creatingUntil ?? now);

  if (known.taskArn !== undefined && known.agent.kind !== 'ssh') await ports.handoffs.remove(known.taskArn);
  const group = await ports.securityGroups.remove(known);
  if (group === 'kept') ports.log.info('security group kept by its tag', about(known));
  if (group === 'in-use' || group === 'kept') return later(ports, known, now + lookAgainMs);
  // Just after its creation EC2 may deny that a group exists: believe "absent" only once that time is over.
  const settledAt = known.createdAt + groupSettlesMs;
  if (group === 'absent' && now < settledAt) return later(ports, known, settledAt);

  // The claim before the row: a crash between the two leaves a row that is still due, so nothing is forgotten.
  await ports.sessions.releaseClaim(known);
  const stopped = await change(ports, known, gone);
  ports.log.info('session removed', about(stopped));
  return stopped;
}

async function stopTasks(ports: ConvergePorts, session: Session): Promise<{ tasksLeft: boolean; session: Session }> {
  // A task that the row does not know (its starter died between RunTask and the row) can be found only until it is asked to
  // stop, so it goes into the row first. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
  let known = session;
  const running = await ports.tasks.findRunning(session.sessionId);
  for (const arn of running) known = await change(ports, known, (current) => taskFound(current, arn));

  const arns = new Set([...running, ...(known.taskArn === undefined ? [] : [known.taskArn])]);
  // True while a task has not reached STOPPED: until then its network interface, and with it the security group, is in use.
  const stop = async (arn: string): Promise<boolean> => {
    const task = await ports.tasks.describe(arn);
    if (await hasEnded(ports, task, known, async () => running)) return false;
    if (task.isKept) ports.log.info('task kept by its tag', about(known));
    else if (task.phase !== 'stopping') await ports.tasks.stop(arn, `Session ${known.reason ?? 'stopped'}`);
    return true;
  };
  const left = await Promise.all([...arns].map(stop));
  return { tasksLeft: left.includes(true), session: known };
}

function later(ports: ConvergePorts, session: Session, at: Instant): Promise<Session> {
  return change(ports, session, (current) => (current.state === 'stopping' ? lookAgain(current, at) : current));
}
