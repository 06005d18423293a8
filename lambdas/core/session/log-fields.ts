import type { LogFields } from './ports.ts';
import type { Session } from './session.ts';

/** A session as a log line tells of it. */
export function about(session: Session): LogFields {
  return {
    sessionId: session.sessionId,
    owner: session.owner,
    state: session.state,
    ...(session.reason && { reason: session.reason }),
    detail: session.detail,
    ...(session.taskArn !== undefined && { taskArn: session.taskArn }),
  };
}
