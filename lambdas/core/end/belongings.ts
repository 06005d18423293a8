/**
 * Everything that a session owns, in the order of its removal. To give sessions a new thing of their own, add an entry to
 * `belongings`.
 */
import { logFields } from '../session/log-fields.ts';
import { placeOf } from '../session/place.ts';
import type { Ports, Task } from '../session/ports.ts';
import { groupSettlesMs, type Instant, isBeingCreated, removalRetryMs, type Session } from '../session/session.ts';
import { hasEnded, isForeign } from '../watch/observe.ts';

type RemovalPorts = Pick<Ports, 'sessions' | 'places' | 'securityGroups' | 'tasks' | 'handoffs' | 'clock' | 'log'>;

interface EndedSession {
  readonly session: Session;
  /** ARNs of its tasks that have not been asked to stop. The row knows them. */
  readonly runningTaskArns: readonly string[];
  /** Its tasks: those that have not been asked to stop, and the one that the row names. */
  readonly tasks: readonly Task[];
}

interface Belonging {
  readonly name: string;
  /** Removes it as far as possible now. Returns when to look again while it is there, undefined once it is gone. */
  remove(ports: RemovalPorts, endedSession: EndedSession): Promise<Instant | undefined>;
}

/**
 * A session that ends is no longer live, so its owner may start another at once. Its starter may take the place at the same time.
 * Then it finds that the session has ended and comes here again, or it dies, and the row stays open for a pass after its lease.
 */
const place: Belonging = {
  name: 'place',
  async remove(ports, { session }) {
    await ports.places.release(placeOf(session), session.sessionId);
    return undefined;
  },
};

/** Until a task has reached STOPPED, its network interface, and with it the security group, is in use. */
const tasks: Belonging = {
  name: 'tasks',
  async remove(ports, { session, runningTaskArns, tasks }) {
    const isGone = async (task: Task): Promise<boolean> => {
      if (await hasEnded(ports, task, session, async () => runningTaskArns)) return true;
      if (task.isKept) ports.log.info('task kept by its tag', logFields(session));
      else if (task.phase !== 'stopping') await ports.tasks.stop(task.arn, `Session ${session.reason ?? 'stopped'}`);
      return false;
    };
    const results = await Promise.all(tasks.map(isGone));
    return results.every((gone) => gone) ? undefined : ports.clock.now() + removalRetryMs;
  },
};

/** While its starter may still create something for the session, the rest stays, and the row stays open. */
const startLease: Belonging = {
  name: 'start lease',
  async remove(ports, { session }) {
    return isBeingCreated(session, ports.clock.now()) ? session.creatingUntil : undefined;
  },
};

/** The agent deletes its item once it is up. This is for the item of an agent that never was. */
const handoffItem: Belonging = {
  name: 'handoff item',
  async remove(ports, { session, tasks }) {
    const { kind } = session.agent;
    await Promise.all(tasks.map(({ arn }) => ports.handoffs.remove({ kind, arn })));
    return undefined;
  },
};

const securityGroup: Belonging = {
  name: 'security group',
  async remove(ports, { session }) {
    const now = ports.clock.now();
    const removal = await ports.securityGroups.remove(session);
    if (removal === 'kept') ports.log.info('security group kept by its tag', logFields(session));
    if (removal === 'in-use' || removal === 'kept') return now + removalRetryMs;
    // Just after its creation EC2 may deny that a group exists: believe "absent" only once that time is over.
    const settledAt = session.createdAt + groupSettlesMs;
    return removal === 'absent' && now < settledAt ? settledAt : undefined;
  },
};

/** The claim goes before the row is closed. A crash between the two leaves a row that is still due. */
const claim: Belonging = {
  name: 'claim',
  async remove(ports, { session }) {
    await ports.sessions.releaseClaim(session);
    return undefined;
  },
};

export const belongings: readonly Belonging[] = [place, tasks, startLease, handoffItem, securityGroup, claim];

/** Describes the session's tasks. A task that a forged row names, and that belongs to another session, is left alone. */
export async function describeTasks(
  ports: RemovalPorts,
  session: Session,
  runningTaskArns: readonly string[],
): Promise<readonly Task[]> {
  const arns = new Set([...runningTaskArns, ...(session.taskArn === undefined ? [] : [session.taskArn])]);
  const tasks = await Promise.all([...arns].map((arn) => ports.tasks.describe(arn)));
  const foreignTasks = tasks.filter((task) => isForeign(task, session));
  for (const { arn } of foreignTasks) {
    const error = new Error(`The row names the task ${arn}, which was started for another session.`);
    ports.log.error('row not believed', { ...logFields(session), error });
  }
  return tasks.filter((task) => !foreignTasks.includes(task));
}
