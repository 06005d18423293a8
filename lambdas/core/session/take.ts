/** The move by which a pooled bastion becomes somebody's. */
import { IllegalMove } from './errors.ts';
import type { Instant, Session } from './row.ts';
import { beginStart, isBeingCreated, isUp, type NewSession, sshAgentOf } from './session.ts';
import { hasPort, type PoolDemand } from './settings.ts';

export interface Owner extends Pick<NewSession, 'claim' | 'startedBy' | 'startedFrom' | 'allowedCidrs'> {
  readonly owner: string;
  readonly publicKey: string;
  readonly keyFingerprint: string;
  readonly ttlSeconds: number;
  readonly maxLifetimeSeconds: number;
}

/** True for a bastion as this deployment starts them now. */
export function isAsDemanded({ pool, agent }: Session, { taskDefinition, sshPorts }: PoolDemand): boolean {
  return agent.kind === 'ssh' && pool?.taskDefinition === taskDefinition && hasPort(sshPorts, agent.port);
}

/**
 * True when an owner may take the bastion: its sshd is up, it has not expired, and no late try of its first handoff can arrive any
 * more, which would look like a second one.
 */
export const isFree = (session: Session, now: Instant): boolean =>
  session.state === 'pooled' && isUp(session) && session.expiresAt > now && !isBeingCreated(session, now);

/** Somebody takes a pooled bastion. From now on it is a start whose task runs already. */
export function take(session: Session, request: Owner, now: Instant): Session {
  if (!isFree(session, now)) throw new IllegalMove('take', session);
  const { publicKey, keyFingerprint, ttlSeconds, maxLifetimeSeconds, ...owner } = request;
  const { readyAt: _, ...rest } = session;
  return {
    ...rest,
    ...owner,
    agent: { ...sshAgentOf(session), publicKey, keyFingerprint },
    ...beginStart({ ttlSeconds, maxLifetimeSeconds }, now, session.latestEnd),
  };
}
