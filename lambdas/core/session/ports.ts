/**
 * The core's view of the world: one interface per role, each with one adapter in `lambdas/aws`. An adapter's method throws
 * `AwsUnavailable` or `AwsRefused` when AWS fails it.
 */

import type { SessionEvent } from '../../../contracts/events.ts';
import type { StartKind } from '../../../contracts/stack.ts';
import type { Place, PlaceGroup, PlaceLimits, Taking } from './place.ts';
import type {
  Fingerprints,
  Handoffs,
  HostKeyMaker,
  Notices,
  Owners,
  Removal,
  SecurityGroups,
  TaskLauncher,
  Tasks,
} from './resource-ports.ts';
import type { EndReason, Instant, Session, SessionState } from './session.ts';

export type {
  CreatedGroup,
  Fingerprints,
  HandoffItem,
  HandoffLook,
  Handoffs,
  HandoffTask,
  HandoffValues,
  HostKeyMaker,
  HostKeys,
  IngressRule,
  NoticeOutcome,
  Notices,
  Owners,
  Removal,
  SecurityGroups,
  Task,
  TaskLauncher,
  Tasks,
  WrittenHandoff,
} from './resource-ports.ts';

export interface Ports {
  readonly sessions: SessionStore;
  readonly places: Places;
  readonly securityGroups: SecurityGroups;
  readonly tasks: Tasks;
  readonly launcher: TaskLauncher;
  readonly handoffs: Handoffs;
  readonly notices: Notices;
  readonly owners: Owners;
  readonly keys: KeyStore;
  readonly hostKeys: HostKeyMaker;
  readonly fingerprints: Fingerprints;
  readonly teardowns: TeardownQueue;
  /** In the order of removal: a security group is in use as long as its task is there. */
  readonly inventories: readonly Inventory[];
  readonly orphans: OrphanNotes;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface SessionStore {
  /** Writes the first version of a row. */
  create(session: Session): Promise<void>;
  /** Reads a row, strongly consistent. */
  find(sessionId: string): Promise<Session | undefined>;
  /** Writes the row unless it has changed since `session.version`. Returns the stored row, or undefined if it has changed. */
  save(session: Session): Promise<Session | undefined>;
  /** Deletes a row that owns nothing. */
  remove(sessionId: string): Promise<void>;
  /** Returns the id of the session that holds the claim, strongly consistent. */
  claimHolder(claim: string): Promise<string | undefined>;
  /** Takes a claim that is free or that `previousHolderId` holds. Returns false when another session holds it. */
  takeClaim(session: Session, previousHolderId?: string): Promise<boolean>;
  /** Releases the session's claim, if the session holds it. */
  releaseClaim(session: Session): Promise<void>;
  /** Ids of the rows whose `reapAt` has come, most overdue first. Eventually consistent: read the row again. */
  due(now: Instant): AsyncIterable<string>;
  /** Ids of all rows that are not `stopped`. Eventually consistent: read the row again. */
  unfinished(): AsyncIterable<string>;
  /** Lists sessions, newest first. Eventually consistent. */
  history(query: HistoryQuery): Promise<HistoryPage>;
}

/** The places of a deployment. Every live session holds one, so that there are never more than the settings allow. */
export interface Places {
  /** Takes the place, or keeps it if the session holds it. */
  take(place: Place, sessionId: string, limits: PlaceLimits): Promise<Taking>;
  /** Releases the session's place, if it holds one. */
  release(place: Place, sessionId: string): Promise<void>;
  /** The sessions that hold a place of the group, strongly consistent. */
  holders(group: PlaceGroup): Promise<readonly Holder[]>;
}

export interface Holder {
  readonly sessionId: string;
  readonly place: Place;
}

export interface HistoryQuery {
  /** Only the sessions under this claim. Absent: all sessions. */
  readonly claim?: string;
  /** The state that owners see: `shownState`. */
  readonly state?: SessionState;
  /** Sessions on one page, from 1. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: HistoryPosition;
}

export interface HistoryPosition {
  readonly sessionId: string;
  readonly createdAt: Instant;
}

export interface HistoryPage {
  readonly sessions: readonly Session[];
  /** Rows that are no sessions, such as those of a newer version. They harm only themselves. */
  readonly unreadable: readonly { readonly sessionId: string; readonly error: unknown }[];
  readonly next?: HistoryPosition;
}

/** The secrets that authenticate webhooks. */
export interface WebhookSecrets {
  /** Returns the secrets that are valid now: the current one, and during a rotation the previous one too. Never empty. */
  accepted(): Promise<readonly string[]>;
}

export interface Replays {
  /** Returns true the first time it is asked about a signature, until `until`. */
  isFirstUse(signature: string, until: Instant): Promise<boolean>;
}

export interface KeyStore {
  /** Returns the public key line stored for the user, unchecked. */
  find(user: string): Promise<string | undefined>;
}

export interface TeardownQueue {
  /** Has another function converge the session soon. */
  enqueue(sessionId: string): Promise<void>;
}

/** A task or security group in AWS that belongs to this stack or looks like it. */
export interface FoundResource {
  readonly kind: 'task' | 'security group';
  /** ARN of a task, id of a security group. */
  readonly id: string;
  /** The session that it names, or undefined when it names none. */
  readonly sessionId: string | undefined;
  /** False when only its name is like ours: it may belong to a stranger, and our role may not remove it. */
  readonly isOurs: boolean;
  /** True when a person protects it by the tag `bastion:keep`. */
  readonly isKept: boolean;
  /** True once it has been asked to stop, until it is gone. */
  readonly isLeaving: boolean;
}

/** Finds all resources of one kind in AWS, independently of any row. */
export interface Inventory {
  readonly kind: FoundResource['kind'];
  all(): AsyncIterable<FoundResource>;
  remove(id: string): Promise<Removal>;
}

/** The memory of sweeps for one resource that no session explains. */
export interface OrphanNote {
  readonly firstSeenAt: Instant;
  readonly lastSeenAt: Instant;
}

export interface OrphanNotes {
  /** Reads a note, strongly consistent. */
  find(resourceId: string): Promise<OrphanNote | undefined>;
  save(resourceId: string, note: OrphanNote): Promise<void>;
  /** The id of the last resource that the last sweep has looked at. Undefined once a sweep has looked at all. */
  position(): Promise<string | undefined>;
  savePosition(resourceId: string | undefined): Promise<void>;
}

/** The events of sessions, for whoever listens to the account's events. */
export interface SessionEvents {
  /** Sends them in their order. Throws if one is refused. Others may have gone out then. */
  send(events: readonly SessionEvent[]): Promise<void>;
}

export interface Clock {
  now(): Instant;
  /** @param ms milliseconds */
  sleep(ms: number): Promise<void>;
}

export interface Ids {
  /** Generates a random, unguessable id of letters, digits and `-`. */
  next(): string;
}

/** Writes one line per decision. The fields are an allow-list: nothing else can get into a log. */
export interface Log {
  info(decision: string, fields: LogFields): void;
  error(decision: string, fields: LogFields & { readonly error: unknown }): void;
}

export interface LogFields {
  /** API Gateway's id of the request. The access log has it too. */
  readonly requestId?: string;
  /** ARN of the caller, as API Gateway has checked it. */
  readonly caller?: string;
  /** Address of the caller, as API Gateway saw it. */
  readonly sourceIp?: string;
  /** Fingerprint of the key that a bastion accepts. sshd's log has it too. */
  readonly keyFingerprint?: string;
  readonly sessionId?: string;
  readonly owner?: string;
  readonly state?: SessionState;
  readonly reason?: EndReason;
  readonly detail?: string | undefined;
  readonly taskArn?: string;
  /** ARN of a task, id of a security group. */
  readonly resource?: string;
  readonly count?: number;
}

/** The figures that the alarms and the dashboard show. */
export interface Metrics {
  /** Reports a pass of the reaper. */
  reaped(pass: ReapedFigures): void;
  /** Reports a sweep. */
  swept(counts: OrphanCounts): void;
  /** Reports that the functions know sshd to accept an owner's connections, so many seconds after the request. */
  started(kind: StartKind, seconds: number): void;
  /** Reports that a start has failed, once everything of it is removed. */
  startFailed(kind: StartKind): void;
  /** Reports whether a start found a free bastion in the pool. */
  poolAsked(isHit: boolean): void;
}

export interface ReapedFigures {
  /** Seconds by which the most overdue session was late, 0 when none was. */
  readonly oldestOverdueSeconds: number;
  /** Live sessions. Absent when the pass has not counted them. */
  readonly liveSessions?: number | undefined;
  /** Bastions that a start could take from the pool. Absent without a pool, and when the pass has not counted them. */
  readonly poolReady?: number | undefined;
}

export interface OrphanCounts {
  /** Orphans found, without those that a person keeps and those that a session explains after all. */
  readonly seen: number;
  readonly removed: number;
}
