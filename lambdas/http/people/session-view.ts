import type { Cost, SessionView } from '../../../contracts/api.ts';
import { momentOf } from '../../../contracts/moment.ts';
import { type Session, shownState } from '../../core/session/session.ts';

export function sessionView(session: Session, login: string, cost: Cost | undefined): SessionView {
  const { host, endedAt, reason, agent } = session;
  return {
    sessionId: session.sessionId,
    ...(session.owner !== undefined && { user: session.owner }),
    state: shownState(session),
    ...(agent.kind === 'ssh'
      ? {
          ...(host !== undefined && { host, port: agent.port }),
          login,
          ...(agent.keyFingerprint !== undefined && { keyFingerprint: agent.keyFingerprint }),
          hostKeys: [...agent.hostKeys],
        }
      : { agent: agent.kind }),
    allowedCidrs: [...session.allowedCidrs],
    createdAt: momentOf(session.createdAt),
    expiresAt: momentOf(session.expiresAt),
    ...(session.startedBy !== undefined && { startedBy: session.startedBy }),
    ...(session.startedFrom !== undefined && { startedFrom: session.startedFrom }),
    ...(session.movedBy !== undefined && { movedBy: session.movedBy }),
    ...(session.state === 'stopped' && endedAt !== undefined && { endedAt: momentOf(endedAt) }),
    ...(session.state === 'stopped' && reason !== undefined && { reason }),
    ...(cost !== undefined && { cost }),
  };
}
