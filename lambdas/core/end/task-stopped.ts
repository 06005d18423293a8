import { changeSession } from '../session/change-session.ts';
import { isLive, noteTask } from '../session/session.ts';
import { noteTaskEnd, type TaskEnd } from '../watch/observe.ts';
import { type ConvergePorts, converge } from './converge.ts';

/** ECS's report that a task has reached STOPPED. It arrives at least once, in any order. */
export interface TaskStopped extends TaskEnd {
  readonly taskArn: string;
  /** The session's id. */
  readonly startedBy: string;
}

/** Ends the session if its task ended by itself, and finishes a removal that waited for the task. */
export async function taskStopped(ports: ConvergePorts, event: TaskStopped): Promise<void> {
  const found = await ports.sessions.find(event.startedBy);
  if (!found) {
    ports.log.info('a stopped task belongs to no session', { taskArn: event.taskArn });
    return;
  }
  const session = await changeSession(ports, found, (current) => noteTask(current, event.taskArn));
  if (session.taskArn !== event.taskArn) return;
  await converge(ports, isLive(session) ? await noteTaskEnd(ports, session, event) : session);
}
