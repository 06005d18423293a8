import { change } from '../session/change-session.ts';
import { isLive, taskFound } from '../session/session.ts';
import { noteEnd } from '../watch/observe.ts';
import { type ConvergePorts, converge } from './converge.ts';

/** ECS says that a task has reached STOPPED. Delivered at least once, in any order. */
export interface TaskStopped {
  readonly taskArn: string;
  readonly startedBy: string;
  readonly detail?: string;
}

/** Ends the session if its task ended by itself, and finishes a removal that was waiting for it. */
export async function taskStopped(ports: ConvergePorts, event: TaskStopped): Promise<void> {
  const found = await ports.sessions.find(event.startedBy);
  if (!found) {
    ports.log.info('a stopped task belongs to no session', { taskArn: event.taskArn });
    return;
  }
  const session = await change(ports, found, (current) => taskFound(current, event.taskArn));
  if (session.taskArn !== event.taskArn) return;
  await converge(ports, isLive(session) ? await noteEnd(ports, session, event.detail) : session);
}
