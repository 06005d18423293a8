import type { LogFields } from './ports.ts';
import type { Session } from './session.ts';

/** The fields of a log line about a session. */
export function logFields(session: Session): LogFields {
  return {
    sessionId: session.sessionId,
    ...(session.owner !== undefined && { owner: session.owner }),
    state: session.state,
    ...(session.reason && { reason: session.reason }),
    detail: session.detail,
    ...(session.agent.kind === 'ssh' &&
      session.agent.keyFingerprint !== undefined && { keyFingerprint: session.agent.keyFingerprint }),
    ...(session.taskArn !== undefined && { taskArn: session.taskArn }),
  };
}
