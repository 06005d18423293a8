/** Looks at a running session's task, and notes in the row what it saw. */
import { changeSession } from '../session/change-session.ts';
import { logFields } from '../session/log-fields.ts';
import type { Ports, Task } from '../session/ports.ts';
import {
  failedStartMs,
  type Instant,
  isWaitingForSshd,
  markReady,
  markStopping,
  type Session,
  taskSettlesMs,
} from '../session/session.ts';

export type ObservePorts = Pick<Ports, 'sessions' | 'tasks' | 'clock' | 'log'>;

/**
 * Looks once. Afterwards the session is `running` with a host once sshd accepts connections, or `stopping` when its task has
 * ended.
 *
 * @param addresses public address by network interface, kept between looks. With it, the look that finds sshd up needs no
 * second call.
 */
export async function observe(
  ports: ObservePorts,
  session: Session,
  addresses = new Map<string, string>(),
): Promise<Session> {
  if (session.state !== 'running' || session.taskArn === undefined) return session;
  const task = await ports.tasks.describe(session.taskArn);
  if (isLost(session, task, ports.clock.now()) || (await hasEnded(ports, task, session))) {
    return noteTaskEnd(ports, session, task.detail);
  }
  if (!isWaitingForSshd(session)) return session;
  const address = await addressOf(ports, task, addresses);
  if (task.phase !== 'ready' || address === undefined) return session;
  const ready = await changeSession(ports, session, (current) =>
    current.state === 'running' ? markReady(current, address) : current,
  );
  ports.log.info('bastion ready', logFields(ready));
  return ready;
}

/**
 * True when sshd can no longer be reached although the task has not reached STOPPED: AWS may take minutes to release the task's
 * network interface. A start that fails waits for STOPPED, when ECS gives the whole reason and nothing is left.
 */
function isLost(session: Session, { phase }: Task, now: Instant): boolean {
  if (phase === 'stopping') return !isWaitingForSshd(session) || now >= session.createdAt + failedStartMs;
  return phase === 'unready' && isWaitingForSshd(session);
}

/** Notes that the session's task has ended by itself. `converge` then removes the rest. */
export async function noteTaskEnd(ports: Omit<ObservePorts, 'tasks'>, session: Session, detail: string | undefined) {
  const now = ports.clock.now();
  const stopping = await changeSession(ports, session, (current) => {
    const reason = current.expiresAt <= now ? 'expired' : hasWorked(current) ? 'exited' : 'start-failed';
    return markStopping(current, reason, now, detail);
  });
  ports.log.info('task ended by itself', logFields(stopping));
  return stopping;
}

/** True as far as we can tell. Only the service knows whether a webhook's agent has registered. */
const hasWorked = (session: Session): boolean => session.state === 'running' && !isWaitingForSshd(session);

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

async function addressOf(ports: ObservePorts, task: Task, addresses: Map<string, string>): Promise<string | undefined> {
  const id = task.networkInterfaceId;
  if (id === undefined) return undefined;
  const address = addresses.get(id) ?? (await ports.tasks.publicAddress(id));
  if (address !== undefined) addresses.set(id, address);
  return address;
}
