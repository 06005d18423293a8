import { type Session, shownState } from '../../core/session/session.ts';

/** A session as people see it. Moments are ISO 8601 in UTC, to the second. */
export interface SessionView {
  readonly sessionId: string;
  readonly user: string;
  readonly state: Session['state'];
  readonly host?: string;
  readonly port?: number;
  /** Of bastions; a target has its agent instead. */
  readonly login?: string;
  readonly agent?: string;
  readonly allowedCidrs: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly endedAt?: string;
  readonly reason?: Session['reason'];
}

export function sessionView(session: Session, login: string): SessionView {
  const { host, endedAt, reason, agent } = session;
  return {
    sessionId: session.sessionId,
    user: session.owner,
    state: shownState(session),
    ...(agent.kind === 'ssh'
      ? { ...(host !== undefined && { host, port: agent.port }), login }
      : { agent: agent.kind }),
    allowedCidrs: session.allowedCidrs,
    createdAt: iso(session.createdAt),
    expiresAt: iso(session.expiresAt),
    ...(session.state === 'stopped' && endedAt !== undefined && { endedAt: iso(endedAt) }),
    ...(session.state === 'stopped' && reason !== undefined && { reason }),
  };
}

export const isShownReady = (view: SessionView): view is SessionView & { readonly host: string } =>
  view.state === 'running' && view.host !== undefined;

const iso = (instant: number): string => new Date(instant).toISOString().replace(/\.\d{3}Z$/, 'Z');
