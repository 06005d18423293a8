/** A session that ends, together with its tasks. */
import { changeSession } from '../session/change-session.ts';
import { logFields } from '../session/log-fields.ts';
import type { Ports, Task } from '../session/ports.ts';
import { noteTask, type Session } from '../session/session.ts';
import { isForeign } from '../watch/observe.ts';

type LookPorts = Pick<Ports, 'sessions' | 'tasks' | 'log'>;

export interface EndedSession {
  readonly session: Session;
  readonly tasks: readonly Task[];
  /** ARNs of the tasks that ECS lists for it as running. Empty if nobody had to look, because ECS knows the one that the row names. */
  readonly listedArns: readonly string[];
}

/**
 * Finds the session's tasks: the one that its row names, and, unless ECS describes that one as the session's, those that ECS lists
 * for it. The starter may have died between RunTask and the row. ECS lists a task by its `startedBy` only until the task is asked
 * to stop, so one that the row does not know goes into the row first.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
 */
export async function withTasks(ports: LookPorts, session: Session): Promise<EndedSession> {
  const named = session.taskArn === undefined ? undefined : await ports.tasks.describe(session.taskArn);
  if (named?.sessionId === session.sessionId) return { session, tasks: [named], listedArns: [] };
  let current = session;
  const listedArns = await ports.tasks.findRunning(session.sessionId);
  for (const arn of listedArns) current = await changeSession(ports, current, (row) => noteTask(row, arn));
  const listed = await Promise.all(
    listedArns.filter((arn) => arn !== named?.arn).map((arn) => ports.tasks.describe(arn)),
  );
  const tasks = named === undefined ? listed : [named, ...listed];
  return { session: current, tasks: tasks.filter((task) => isBelieved(ports, current, task)), listedArns };
}

/** A task that a forged row names, and that belongs to another session, is left alone. */
function isBelieved({ log }: LookPorts, session: Session, task: Task): boolean {
  if (!isForeign(task, session)) return true;
  const error = new Error(`The row names the task ${task.arn}, which was started for another session.`);
  log.error('row not believed', { ...logFields(session), error });
  return false;
}
