/**
 * A session, and the moves that its row may make.
 *
 *   starting -> running -> stopping -> stopped
 *    |    ^                   ^
 *    v    |                   |    also straight from `starting`
 *    pooled ------------------┘
 *
 * A pooled bastion has no owner. An owner takes it by the move in `take.ts`, and it becomes a start whose task runs already.
 *
 * A move is a pure function from row to row. It also sets `reapAt`, the moment for the next look at the row, so that state and
 * moment always agree. A move that has happened already returns the very same row, so a move may be repeated.
 */
import type { EndReason, SessionState } from '../../../contracts/api.ts';
import { IllegalMove } from './errors.ts';
import { formerCidrsOf } from './former-addresses.ts';
import { endedPoolClaim, isUntaken } from './pool-claim.ts';
import type { Agent, Instant, PoolBirth, Session, SshAgent } from './row.ts';
import { nextWarningOrEnd } from './warning.ts';

export type { Agent, EndReason, Instant, PoolBirth, Session, SessionState, SshAgent, WebhookAgent } from './row.ts';

const second = 1000;
const minute = 60 * second;

/** The start lease outlives the start function (29 s), so after it no starter creates anything. */
export const startLeaseMs = minute;
/** For this long after the start EC2 may deny that a group exists, and ECS, longer, that a task exists. */
export const groupSettlesMs = minute;
export const taskSettlesMs = 5 * minute;
/** For this long after the start, a failing start waits for STOPPED, when ECS gives the whole reason. */
export const failedStartMs = minute;
/** Pause between two tries to remove something that AWS has not finished removing. */
export const removalRetryMs = 30 * second;
/** Time from the start for the agent to be up, image pull included. */
export const readyWithinMs = 15 * minute;
/**
 * Time from the start after which DynamoDB may delete the handoff item. It is longer than `readyWithinMs` by more than clocks
 * differ, so within that time only the agent has made the item absent.
 */
export const handoffKeptMs = readyWithinMs + 5 * minute;
/** Interval of the check-ups of a bastion that is not up yet. They heal a lost "task stopped" event. */
export const startCheckUpMs = minute;
/** Interval of the check-ups of a running session. They heal a lost "task stopped" event and a half-made change of address. */
export const checkUpMs = 5 * minute;
/** Time after which an unconfirmed change of address is checked. */
export const confirmMoveMs = minute;
/** Time for which a stopped row stays in the history. */
export const keepStoppedMs = 30 * 24 * 60 * minute;

export interface NewSession {
  readonly sessionId: string;
  /** Absent for a bastion of the pool. */
  readonly owner?: string;
  readonly claim: string;
  readonly pool?: PoolBirth;
  readonly agent: Agent;
  readonly startedBy?: string;
  readonly startedFrom?: string;
  readonly allowedCidrs: readonly string[];
  readonly ttlSeconds: number;
  readonly maxLifetimeSeconds: number;
}

export function newSession(request: NewSession, now: Instant): Session {
  const { ttlSeconds, maxLifetimeSeconds, ...fields } = request;
  return { ...fields, version: 0, ...beginStart({ ttlSeconds, maxLifetimeSeconds }, now) };
}

/** State, times and lease of a start that begins now. @param cap the latest end is at most this moment */
export function beginStart(
  { ttlSeconds, maxLifetimeSeconds }: Pick<NewSession, 'ttlSeconds' | 'maxLifetimeSeconds'>,
  now: Instant,
  cap = Infinity,
): Pick<Session, 'state' | 'createdAt' | 'expiresAt' | 'latestEnd' | 'creatingUntil' | 'reapAt'> {
  const latestEnd = Math.min(now + maxLifetimeSeconds * second, cap);
  const expiresAt = Math.min(now + ttlSeconds * second, latestEnd);
  const leaseEnd = now + startLeaseMs;
  return { state: 'starting', createdAt: now, expiresAt, latestEnd, creatingUntil: leaseEnd, reapAt: leaseEnd };
}

/** True while AWS has accepted the task, and nothing has ended it. */
export const isAccepted = ({ state }: Session): boolean => state === 'running' || state === 'pooled';

export const isLive = (session: Session): boolean => session.state === 'starting' || isAccepted(session);

/** True while a row has not been taken from the pool since. What was seen of one start proves nothing of the next. */
export const isSameStart = (one: Session, other: Session): boolean => one.createdAt === other.createdAt;

/** True once sshd answers at a known address. */
export const isUp = (session: Session): boolean =>
  isAccepted(session) && session.host !== undefined && session.readyAt !== undefined;

/** True once sshd accepts the connections of an owner. */
export const isReady = (session: Session): boolean => session.state === 'running' && isUp(session);

/** The state that people see. For them a bastion runs once sshd accepts connections. The row says so once AWS has accepted the task. */
export const shownState = (session: Session): SessionState => (isWaitingForSshd(session) ? 'starting' : session.state);

/** True while AWS has accepted a bastion's task, and its sshd or its address is not known to be there. */
export const isWaitingForSshd = (session: Session): boolean =>
  isAccepted(session) && session.agent.kind === 'ssh' && !isUp(session);

/** Returns the agent of a person's bastion. Throws for a target, which no person's claim can lead to. */
export function sshAgentOf(session: Session): SshAgent {
  if (session.agent.kind === 'ssh') return session.agent;
  throw new Error(`Session ${session.sessionId} has the agent ${session.agent.kind}, expected ssh.`);
}

/** Returns why a live session must end now: it has expired, or its starter died. Undefined for any other session. */
export function overdueReason(session: Session, now: Instant): { reason: EndReason; detail?: string } | undefined {
  if (!isLive(session)) return undefined;
  if (session.state === 'starting' && !isBeingCreated(session, now)) {
    return { reason: 'start-failed', detail: 'The start was interrupted.' };
  }
  if (isWaitingForSshd(session) && !mayComeUp(session, now)) {
    return {
      reason: 'start-failed',
      detail: `The bastion was not up ${readyWithinMs / minute} minutes after its start.`,
    };
  }
  return session.expiresAt <= now ? { reason: 'expired' } : undefined;
}

/** True while there is time for the agent to come up. Afterwards the absence of its handoff item proves nothing. */
export const mayComeUp = (session: Session, now: Instant): boolean => now < session.createdAt + readyWithinMs;

/** True when the moment for the next look at the row has come. */
export const isDue = (session: Session, now: Instant): boolean => session.reapAt !== undefined && session.reapAt <= now;

/** True while its starter may still be creating resources. */
export const isBeingCreated = (session: Session, now: Instant): boolean =>
  session.creatingUntil !== undefined && session.creatingUntil > now;

export interface Launch {
  /** `createdAt` of the start that it belongs to. A pooled bastion may have been taken meanwhile, which is another start. */
  readonly startedAt: Instant;
  readonly taskArn: string;
  readonly securityGroupId: string;
  /** The CIDR blocks that the security group allows. The owner may have moved since. */
  readonly openCidrs: readonly string[];
  /** True when a late try may still make the group or the handoff item once more. */
  readonly mayReappear: boolean;
}

/** AWS has accepted the task, and has its handoff item. */
export function markAccepted(
  session: Session,
  { startedAt, openCidrs, mayReappear, ...resources }: Launch,
  now: Instant,
): Session {
  if (isAccepted(session) && session.taskArn === resources.taskArn) return session;
  if (session.state !== 'starting' || session.createdAt !== startedAt) throw new IllegalMove('markAccepted', session);
  const accepted: Session = { ...session, ...resources, state: isUntaken(session) ? 'pooled' : 'running' };
  const reapAt = sameCidrs(openCidrs, session.allowedCidrs) ? nextCheckUp(accepted, now) : now + confirmMoveMs;
  return mayReappear ? { ...accepted, reapAt } : withoutLease({ ...accepted, reapAt });
}

/** AWS has told the bastion's public address. */
export function noteAddress(session: Session, host: string): Session {
  if (session.host === host) return session;
  if (!isAccepted(session)) throw new IllegalMove('noteAddress', session);
  return { ...session, host };
}

/** The agent is up. */
export function markReady(session: Session, now: Instant): Session {
  if (session.readyAt !== undefined) return session;
  if (!isAccepted(session)) throw new IllegalMove('markReady', session);
  return { ...session, readyAt: now };
}

export interface Refresh {
  /** ARN of the caller. */
  readonly by: string;
  readonly allowedCidrs: readonly string[];
  /** Counted from now. Absent: the expiry stays. */
  readonly ttlSeconds?: number;
}

/** The owner asked again, perhaps from another address or for more time. */
export function moveOrExtend(session: Session, request: Refresh, now: Instant): Session {
  if (!isLive(session) || isUntaken(session)) throw new IllegalMove('moveOrExtend', session);
  const expiresAt =
    request.ttlSeconds === undefined
      ? session.expiresAt
      : Math.min(now + request.ttlSeconds * second, session.latestEnd);
  const hasMoved = !sameCidrs(session.allowedCidrs, request.allowedCidrs);
  if (!hasMoved && expiresAt === session.expiresAt) return session;
  const moved = hasMoved ? { movedBy: request.by, formerCidrs: formerCidrsOf(session, request.allowedCidrs) } : {};
  const next = { ...session, ...moved, expiresAt, allowedCidrs: request.allowedCidrs };
  if (session.state === 'starting') return next;
  // Only a changed address moves `reapAt`. An unchanged one must not postpone a check that is already due.
  const dueAt = hasMoved ? now + confirmMoveMs : (session.reapAt ?? now);
  return { ...next, reapAt: Math.min(dueAt, nextWarningOrEnd(next, now)) };
}

/** A check-up has made the resources in AWS match the row as it was `checked`. */
export function noteCheckUp(session: Session, checked: Session, now: Instant): Session {
  if (!isAccepted(session)) throw new IllegalMove('noteCheckUp', session);
  const { formerCidrs, ...rest } = session;
  const isConfirmed = sameCidrs(formerCidrs ?? [], checked.formerCidrs ?? []);
  return { ...(isConfirmed ? rest : session), reapAt: nextCheckUp(session, now) };
}

/** The session ends: from here on everything that it owns is removed. The first reason stands. */
export function markStopping(session: Session, reason: EndReason, now: Instant, detail?: string): Session {
  if (!isLive(session)) return session;
  const claim = isUntaken(session) ? endedPoolClaim : session.claim;
  const next: Session = { ...session, claim, state: 'stopping', reason, endedAt: now, reapAt: now };
  return detail === undefined ? next : { ...next, detail };
}

/** Notes a task that the row did not know, before anything else happens to it. */
export function noteTask(session: Session, taskArn: string): Session {
  return session.taskArn === undefined ? { ...session, taskArn } : session;
}

/** The starter has given up, and nothing that it asked for can still appear. */
export function endStartLease(session: Session, now: Instant): Session {
  return session.creatingUntil === undefined ? session : withoutLease({ ...session, reapAt: now });
}

/** A removal goes on later. */
export function postpone(session: Session, at: Instant): Session {
  if (session.state !== 'stopping') throw new IllegalMove('postpone', session);
  if (session.reapAt === at) return session;
  return { ...session, reapAt: at };
}

/** Everything that the session owned is gone. */
export function markStopped(session: Session): Session {
  if (session.state === 'stopped') return session;
  if (session.state !== 'stopping') throw new IllegalMove('markStopped', session);
  const { reapAt: _, ...rest } = withoutLease(session);
  return { ...rest, state: 'stopped' };
}

function nextCheckUp(session: Session, now: Instant): Instant {
  return Math.min(nextWarningOrEnd(session, now), now + (isWaitingForSshd(session) ? startCheckUpMs : checkUpMs));
}

function withoutLease(session: Session): Session {
  const { creatingUntil: _, ...rest } = session;
  return rest;
}

export function sameCidrs(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((cidr) => b.includes(cidr));
}
