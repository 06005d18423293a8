/** Looking at a running session's task, and noting in the row what was seen. */

import { change } from '../session/change-session.ts';
import { about } from '../session/log-fields.ts';
import type { Ports, Task } from '../session/ports.ts';
import {
  ended,
  failedStartMs,
  type Instant,
  isAwaited,
  ready,
  type Session,
  taskSettlesMs,
} from '../session/session.ts';

export type ObservePorts = Pick<Ports, 'sessions' | 'tasks' | 'clock' | 'log'>;

/**
 * One look. Afterwards the session is `running` with a host once sshd accepts connections, or `stopping` when its task has
 * ended. Remembers the network interface's address between looks, so that the look that finds sshd up needs no second call.
 */
export async function observe(
  ports: ObservePorts,
  session: Session,
  addresses = new Map<string, string>(),
): Promise<Session> {
  if (session.state !== 'running' || session.taskArn === undefined) return session;
  const task = await ports.tasks.describe(session.taskArn);
  if (isLost(session, task, ports.clock.now()) || (await hasEnded(ports, task, session))) {
    return noteEnd(ports, session, task.detail);
  }
  if (!isAwaited(session)) return session;
  const address = await addressOf(ports, task, addresses);
  if (task.phase !== 'ready' || address === undefined) return session;
  const up = await change(ports, session, (current) =>
    current.state === 'running' ? ready(current, address) : current,
  );
  ports.log.info('bastion ready', about(up));
  return up;
}

/**
 * True when nobody will get in any more, although the task has not reached STOPPED: AWS may take minutes to take its network
 * interface back. A start that fails waits for STOPPED, when ECS has told the whole reason and nothing is left.
 */
function isLost(session: Session, { phase }: Task, now: Instant): boolean {
  if (phase === 'stopping') return !isAwaited(session) || now >= session.createdAt + failedStartMs;
  return phase === 'unready' && isAwaited(session);
}

/** Notes that the session's task has ended by itself. What is left of it still has to be removed: `converge`. */
export async function noteEnd(ports: Omit<ObservePorts, 'tasks'>, session: Session, detail: string | undefined) {
  const now = ports.clock.now();
  const stopping = await change(ports, session, (current) => {
    const reason = current.expiresAt <= now ? 'expired' : hasWorked(current) ? 'exited' : 'start-failed';
    return ended(current, reason, now, detail);
  });
  ports.log.info('task ended by itself', about(stopping));
  return stopping;
}

/** For all we know: whether a webhook's agent has registered only the service knows. */
const hasWorked = (session: Session): boolean => session.state === 'running' && !isAwaited(session);

/**
 * ECS is eventually consistent: it may not know a task yet that it has just accepted, and it forgets a stopped one an hour
 * later. So MISSING means "ended" only for a session that is not brand new, and only if a second look in another place does
 * not find the task: a bastion is never cut off on the word of one answer.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
 *
 * @param findRunning the other place; for a caller that has looked there already, what it found
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
