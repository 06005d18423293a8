/**
 * What a session is and the moves it may make.
 *
 *   starting -> running -> stopping -> stopped
 *       └──────────────────┘
 *
 * Every move is a pure function from row to row that also says when somebody must look at the row again (`reapAt`), so the
 * two can never disagree. Asking for a move that has already happened returns the very same row: moves may be repeated.
 */
import type { WebhookAgentKind } from '../../../contracts/agent.ts';
import { IllegalMove } from './errors.ts';

/** Epoch milliseconds. */
export type Instant = number;

export const sessionStates = ['starting', 'running', 'stopping', 'stopped'] as const;
export type SessionState = (typeof sessionStates)[number];

export const endReasons = ['stopped', 'expired', 'exited', 'start-failed'] as const;
export type EndReason = (typeof endReasons)[number];

/** What runs in the task. An `ssh` agent lets in the holder of one key, on one port. */
export interface SshAgent {
  readonly kind: 'ssh';
  /** One OpenSSH public key line, without options. */
  readonly publicKey: string;
  readonly port: number;
}

/** An agent that registers with a zero-trust service and dials out. */
export interface WebhookAgent {
  readonly kind: WebhookAgentKind;
  /** What the service calls our sessionId. */
  readonly idName: 'containerId' | 'uniqueId';
}

export type Agent = SshAgent | WebhookAgent;

export interface Session {
  /** Random, unguessable; also the name of everything the session owns. */
  readonly sessionId: string;
  /** Counts the writes of this row: a write that was computed from an older count is refused. */
  readonly version: number;
  readonly state: SessionState;
  readonly owner: string;
  /** Key of the claim this session holds while it lives: one live bastion per user, one target per activation. */
  readonly claim: string;
  readonly agent: Agent;
  /** The only sources that may connect. */
  readonly allowedCidrs: readonly string[];
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** No extension goes beyond this; the agent exits by itself here. */
  readonly latestEnd: Instant;
  /** The next moment somebody must look at this row. Absent exactly when it is `stopped`. */
  readonly reapAt?: Instant;
  /** The start lease: until then something may still be created for it, so the row can't be closed. */
  readonly creatingUntil?: Instant;
  readonly securityGroupId?: string;
  readonly taskArn?: string;
  /** Public address. Set once sshd has been seen to accept connections, never before. */
  readonly host?: string;
  readonly endedAt?: Instant;
  readonly reason?: EndReason;
  /** AWS's or the agent's own words about the end. */
  readonly detail?: string;
}

const second = 1000;
const minute = 60 * second;

/** Outlives the start function (29 s): whoever finds the lease over knows that nobody is creating any more. */
export const startLeaseMs = minute;
/** For so long after the start EC2 may deny a group that is there, and ECS, more patiently, a task. */
export const groupSettlesMs = minute;
export const taskSettlesMs = 5 * minute;
/** A start whose task is on its way out is told why in ECS's whole words, if they come within this. */
export const failedStartMs = minute;
/** Pause between two looks at something AWS has not finished removing. */
export const lookAgainMs = 30 * second;
/** A running session is looked at this often, so that a lost "task stopped" event or a half-made change of address heals. */
export const checkUpMs = 5 * minute;
/** A change of address that nobody has confirmed is looked at after this. */
export const confirmMoveMs = minute;
/** How long a stopped row is kept for the history. */
export const keepStoppedMs = 30 * 24 * 60 * minute;

export interface NewSession {
  readonly sessionId: string;
  readonly owner: string;
  readonly claim: string;
  readonly agent: Agent;
  readonly allowedCidrs: readonly string[];
  readonly ttlSeconds: number;
  readonly maxLifetimeSeconds: number;
}

export function newSession(wish: NewSession, now: Instant): Session {
  const { ttlSeconds, maxLifetimeSeconds, ...given } = wish;
  const latestEnd = now + maxLifetimeSeconds * second;
  return {
    ...given,
    version: 0,
    state: 'starting',
    createdAt: now,
    expiresAt: Math.min(now + ttlSeconds * second, latestEnd),
    latestEnd,
    creatingUntil: now + startLeaseMs,
    reapAt: now + startLeaseMs,
  };
}

export const isLive = (session: Session): boolean => session.state === 'starting' || session.state === 'running';

/** Has been seen to accept connections. */
export const isReady = (session: Session): boolean => session.state === 'running' && session.host !== undefined;

/** For its owner a bastion runs once it accepts connections; the row says `running` as soon as AWS has accepted the task. */
export const shownState = (session: Session): SessionState => (isAwaited(session) ? 'starting' : session.state);

/** As `Ids` draws them: what carries such a name was once made for a session. */
export const isSessionId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** Its task runs, but its sshd has not been seen to accept connections yet. */
export const isAwaited = (session: Session): boolean =>
  session.state === 'running' && session.agent.kind === 'ssh' && session.host === undefined;

/** The agent of a person's bastion. Throws for a session of another kind, which no person's claim can lead to. */
export function sshAgentOf(session: Session): SshAgent {
  if (session.agent.kind === 'ssh') return session.agent;
  throw new Error(`Session ${session.sessionId} has the agent ${session.agent.kind}, expected ssh.`);
}

/** Why a live session is over although nobody has ended it yet: it expired, or its starter died. */
export function overdue(session: Session, now: Instant): { reason: EndReason; detail?: string } | undefined {
  if (!isLive(session)) return undefined;
  if (session.state === 'starting' && !isBeingCreated(session, now)) {
    return { reason: 'start-failed', detail: 'The start was interrupted.' };
  }
  return session.expiresAt <= now ? { reason: 'expired' } : undefined;
}

/** True when somebody must look at the row by now. */
export const isDue = (session: Session, now: Instant): boolean => session.reapAt !== undefined && session.reapAt <= now;

/** True while its starter may still be creating resources. */
export const isBeingCreated = (session: Session, now: Instant): boolean =>
  session.creatingUntil !== undefined && session.creatingUntil > now;

export interface Made {
  readonly taskArn: string;
  readonly securityGroupId: string;
  /** Whom the security group lets in; the owner may have moved since. */
  readonly admitted: readonly string[];
  /** A try that nobody waits for any more may still make something: see `CreatedGroup`. */
  readonly mayComeAgain: boolean;
}

/** AWS has accepted the task. */
export function started(session: Session, { admitted, mayComeAgain, ...made }: Made, now: Instant): Session {
  if (session.state === 'running' && session.taskArn === made.taskArn) return session;
  if (session.state !== 'starting') throw new IllegalMove('started', session);
  const reapAt = sameCidrs(admitted, session.allowedCidrs) ? nextCheckUp(session, now) : now + confirmMoveMs;
  const running: Session = { ...session, ...made, state: 'running', reapAt };
  return mayComeAgain ? running : withoutLease(running);
}

/** sshd accepts connections at `host`. */
export function ready(session: Session, host: string): Session {
  if (session.host === host) return session;
  if (session.state !== 'running') throw new IllegalMove('ready', session);
  return { ...session, host };
}

export interface Refresh {
  readonly allowedCidrs: readonly string[];
  /** Counted from now; absent: the expiry stays. */
  readonly ttlSeconds?: number;
}

/** The owner asked again, perhaps from another address or for more time. */
export function refreshed(session: Session, wish: Refresh, now: Instant): Session {
  if (!isLive(session)) throw new IllegalMove('refreshed', session);
  const expiresAt =
    wish.ttlSeconds === undefined ? session.expiresAt : Math.min(now + wish.ttlSeconds * second, session.latestEnd);
  const moved = !sameCidrs(session.allowedCidrs, wish.allowedCidrs);
  if (!moved && expiresAt === session.expiresAt) return session;
  const next = { ...session, expiresAt, allowedCidrs: wish.allowedCidrs };
  if (session.state === 'starting') return next;
  // Who has not moved confirms nothing: what was due before stays due.
  const dueAt = moved ? now + confirmMoveMs : (session.reapAt ?? now);
  return { ...next, reapAt: Math.min(dueAt, expiresAt) };
}

/** What exists in AWS has been seen to match the row. */
export function checkedUp(session: Session, now: Instant): Session {
  if (session.state !== 'running') throw new IllegalMove('checkedUp', session);
  return { ...session, reapAt: nextCheckUp(session, now) };
}

/** From here on everything it made must go. The first reason stands. */
export function ended(session: Session, reason: EndReason, now: Instant, detail?: string): Session {
  if (!isLive(session)) return session;
  const next: Session = { ...session, state: 'stopping', reason, endedAt: now, reapAt: now };
  return detail === undefined ? next : { ...next, detail };
}

/** A task of this session was found that the row does not know: note it before anything else, or it may be lost again. */
export function taskFound(session: Session, taskArn: string): Session {
  return session.taskArn === undefined ? { ...session, taskArn } : session;
}

/** Its starter has given up and knows that it will create nothing more. */
export function creationOver(session: Session, now: Instant): Session {
  return session.creatingUntil === undefined ? session : withoutLease({ ...session, reapAt: now });
}

export function lookAgain(session: Session, at: Instant): Session {
  if (session.state !== 'stopping') throw new IllegalMove('lookAgain', session);
  if (session.reapAt === at) return session;
  return { ...session, reapAt: at };
}

/** Nothing of it exists any more. */
export function gone(session: Session): Session {
  if (session.state === 'stopped') return session;
  if (session.state !== 'stopping') throw new IllegalMove('gone', session);
  const { reapAt: _, ...rest } = withoutLease(session);
  return { ...rest, state: 'stopped' };
}

function nextCheckUp(session: Session, now: Instant): Instant {
  return Math.min(session.expiresAt, now + checkUpMs);
}

function withoutLease(session: Session): Session {
  const { creatingUntil: _, ...rest } = session;
  return rest;
}

export function sameCidrs(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((cidr) => b.includes(cidr));
}
