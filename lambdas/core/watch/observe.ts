/** Looks at a running session's task and at its handoff, and notes in the row what it saw. */
import { change, changeSession } from '../session/change-session.ts';
import { logFields } from '../session/log-fields.ts';
import { startKindOf } from '../session/pool.ts';
import type { Ports, Task } from '../session/ports.ts';
import {
  type EndReason,
  failedStartMs,
  type Instant,
  isAccepted,
  isReady,
  isSameStart,
  isUp,
  isWaitingForSshd,
  markReady,
  markStopping,
  mayComeUp,
  noteAddress,
  type Session,
  taskSettlesMs,
} from '../session/session.ts';

export type ObservePorts = Pick<Ports, 'sessions' | 'tasks' | 'handoffs' | 'clock' | 'log' | 'metrics'>;

/**
 * Looks once. Afterwards the session is ready if sshd accepts connections and AWS has told its address, or `stopping` if its
 * task has ended.
 */
export async function observe(ports: ObservePorts, session: Session): Promise<Session> {
  return lookAtHandoff(ports, await lookAtTask(ports, session));
}

/**
 * Asks ECS whether the task has ended, and EC2 for a bastion's address as long as that is unknown.
 * @param onEnd hears of the end before the row does, which AWS may refuse to write
 */
export async function lookAtTask(
  ports: ObservePorts,
  session: Session,
  onEnd: () => void = () => {},
): Promise<Session> {
  if (!isAccepted(session) || session.taskArn === undefined) return session;
  const task = await ports.tasks.describe(session.taskArn);
  if (isForeign(task, session)) throw new Error(`Session ${session.sessionId} names a task of another session.`);
  if (isLost(session, task, ports.clock.now()) || (await hasEnded(ports, task, session))) {
    onEnd();
    return noteTaskEnd(ports, session, task);
  }
  if (!isWaitingForSshd(session) || session.host !== undefined || task.networkInterfaceId === undefined) return session;
  const address = await ports.tasks.publicAddress(task.networkInterfaceId);
  return address === undefined ? session : noteSign(ports, session, (current) => noteAddress(current, address));
}

/** True for a task that was started for another session. Only a forged row names one. */
export const isForeign = (task: Task, session: Session): boolean =>
  task.sessionId !== undefined && task.sessionId !== session.sessionId;

/** Looks whether the agent of a bastion has taken its handoff, which it does once sshd accepts connections. */
export async function lookAtHandoff(ports: ObservePorts, session: Session): Promise<Session> {
  if (!isWaitingForSshd(session) || session.readyAt !== undefined || session.taskArn === undefined) return session;
  const { row, isTaken } = await ports.handoffs.look(session, session.taskArn);
  const current = row ?? session;
  const now = ports.clock.now();
  if (!isTaken || !mayComeUp(current, now)) return current;
  return noteSign(ports, current, (latest) => markReady(latest, now));
}

/** Notes a sign of life in the row, unless the session has ended meanwhile. */
async function noteSign(ports: ObservePorts, session: Session, move: (current: Session) => Session): Promise<Session> {
  const { before, after: noted } = await change(ports, session, (current) =>
    isSameStart(current, session) && isAccepted(current) ? move(current) : current,
  );
  if (isUp(noted) && !isUp(session)) ports.log.info(`bastion ${isReady(noted) ? 'ready' : 'pooled'}`, logFields(noted));
  if (isReady(noted) && !isReady(before)) {
    ports.metrics.started(startKindOf(noted), (ports.clock.now() - noted.createdAt) / 1000);
  }
  return noted;
}

/**
 * True when sshd can no longer be reached although the task has not reached STOPPED: AWS may take minutes to release the task's
 * network interface. A start that fails waits for STOPPED, when ECS gives the whole reason and nothing is left. Nobody waits for
 * the reason of a bastion from the pool.
 */
const isLost = (session: Session, { phase }: Task, now: Instant): boolean =>
  phase === 'stopping' &&
  (session.pool !== undefined || !isWaitingForSshd(session) || now >= session.createdAt + failedStartMs);

/** What ECS tells of the end of a task. */
export type TaskEnd = Pick<Task, 'detail' | 'isIdle'>;

/** Notes that the session's task has ended by itself. `converge` then removes the rest. */
export async function noteTaskEnd(
  ports: Pick<Ports, 'sessions' | 'clock' | 'log'>,
  session: Session,
  end: TaskEnd,
): Promise<Session> {
  const now = ports.clock.now();
  const stopping = await changeSession(ports, session, (current) =>
    markStopping(current, endReason(current, end, now), now, end.detail),
  );
  ports.log.info('task ended by itself', logFields(stopping));
  return stopping;
}

/** A bastion that was idle has worked, also if no look has found it up. One that nobody has taken cannot be idle. */
function endReason(session: Session, { isIdle }: TaskEnd, now: Instant): EndReason {
  if (session.expiresAt <= now) return 'expired';
  if (isIdle && session.state === 'running') return 'idle';
  return hasWorked(session) ? 'exited' : 'start-failed';
}

/** True as far as we can tell. Only the service knows whether a webhook's agent has registered. */
const hasWorked = (session: Session): boolean => isAccepted(session) && !isWaitingForSshd(session);

/**
 * Tells whether a task has ended. ECS is eventually consistent: it may not know a task yet that it has just accepted, and it
 * forgets a stopped task an hour later. So MISSING means "ended" only for a session that is not new, and only if a second look
 * in another place does not find the task. One answer alone never cuts a bastion off.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
 *
 * @param findRunning the second look. A caller that has looked there already passes what it found.
 */
export async function hasEnded(
  ports: Pick<Ports, 'tasks' | 'clock'>,
  task: Task,
  session: Session,
  findRunning = () => ports.tasks.findRunning(session.sessionId),
): Promise<boolean> {
  if (task.phase !== 'missing') return task.phase === 'stopped';
  if (ports.clock.now() < session.createdAt + taskSettlesMs) return false;
  return !(await findRunning()).includes(task.arn);
}
