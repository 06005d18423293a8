/**
 * The core's view of the world: one interface per role, each with one adapter in `lambdas/aws`. An adapter's method throws
 * `AwsUnavailable` or `AwsRefused` when AWS fails it.
 */
import type { Agent, EndReason, Instant, PlaceGroup, Session, SessionState } from './session.ts';

export interface Ports {
  readonly sessions: SessionStore;
  readonly places: Places;
  readonly securityGroups: SecurityGroups;
  readonly tasks: Tasks;
  readonly launcher: TaskLauncher;
  readonly handoffs: Handoffs;
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
  /** Takes a place, or keeps the one that the session holds. Returns false when `most` others hold one. */
  take(group: PlaceGroup, sessionId: string, most: number): Promise<boolean>;
  /** Releases the session's place, if it holds one. */
  release(group: PlaceGroup, sessionId: string): Promise<void>;
  /** Ids of the sessions that hold a place, strongly consistent. */
  holders(group: PlaceGroup): Promise<readonly string[]>;
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
  readonly next?: HistoryPosition;
}

export interface CreatedGroup {
  readonly securityGroupId: string;
  /**
   * True when EC2 was asked more than once. It has no client token for this call, so a try that arrives late may make the group
   * again after its deletion.
   */
  readonly mayReappear: boolean;
}

export interface SecurityGroups {
  /** Makes the session's own group, or finds the one that an earlier try has made. */
  create(session: Session): Promise<CreatedGroup>;
  /** Returns the rules of the session's group. Throws when the group with this id is not the session's own. */
  rules(session: Session, groupId: string): Promise<readonly IngressRule[]>;
  /** Adds rules to the group. A rule that is there already is no error. Throws `Conflict` for a port that the settings exclude. */
  allow(groupId: string, rules: readonly IngressRule[]): Promise<void>;
  /** Removes rules from the group. A rule that is gone is no error. */
  revoke(groupId: string, rules: readonly IngressRule[]): Promise<void>;
  /** Deletes the session's group. */
  remove(session: Session): Promise<Removal>;
  /** Returns the ids of the network interfaces that use a group and keep it from being deleted. */
  users(groupId: string): Promise<readonly string[]>;
}

/** One rule of a security group: one protocol, one range of ports, one CIDR block. */
export interface IngressRule {
  readonly protocol: string | undefined;
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
  readonly cidr: string;
}

/**
 * The result of a removal. `kept`: a person protects it by the tag `bastion:keep`. `absent`: AWS does not know it, which just
 * after its creation does not prove that there is none.
 */
export type Removal = 'removed' | 'in-use' | 'kept' | 'absent';

export interface Task {
  readonly arn: string;
  /** `missing`: ECS does not know it yet (eventual consistency), or no longer (an hour after its end). */
  readonly phase: 'missing' | 'live' | 'stopping' | 'stopped';
  readonly networkInterfaceId?: string;
  /** The session that it was started for. Undefined when ECS does not know it. */
  readonly sessionId?: string;
  /** True when a person protects it by the tag `bastion:keep`. */
  readonly isKept: boolean;
  /** Why it stopped or never became ready, in ECS's words. */
  readonly detail?: string;
}

export interface TaskLauncher {
  /** Runs the session's task and returns its ARN. Idempotent per session. */
  run(session: Session, securityGroupId: string): Promise<string>;
}

export interface Tasks {
  /** Returns the ARNs of the session's tasks that have not been asked to stop. */
  findRunning(sessionId: string): Promise<readonly string[]>;
  describe(arn: string): Promise<Task>;
  /** Asks a task to stop. A task that ECS no longer knows is no error. */
  stop(arn: string, reason: string): Promise<void>;
  /** Returns the public address of a network interface, or undefined until it has one. */
  publicAddress(networkInterfaceId: string): Promise<string | undefined>;
}

/**
 * Hands each task what it alone may know: one item, which only that task can read. The agent deletes the item once it is up, so
 * its absence is the sign that the functions wait for.
 */
export interface Handoffs {
  /** @param until when the item may be deleted although the agent has not taken it */
  put(task: HandoffTask, values: HandoffValues, until: Instant): Promise<WrittenHandoff>;
  /** Reads the session's row and looks for its item, in one strongly consistent read. The item's values stay unread. */
  look(session: Session, taskArn: string): Promise<HandoffLook>;
  /** Deletes an item that the agent has left. */
  remove(task: HandoffTask): Promise<void>;
}

export interface HandoffTask {
  readonly kind: Agent['kind'];
  readonly arn: string;
}

export interface WrittenHandoff {
  /** True when DynamoDB was asked more than once: a try that arrives late may write the item again after its deletion. */
  readonly mayReappear: boolean;
}

/** What the agent must know, by name. All of it may be secret. */
export type HandoffValues = Readonly<Record<string, string>>;

export interface HandoffLook {
  /** The session's row now. Undefined when this read did not get it. */
  readonly row: Session | undefined;
  /**
   * True when the agent has taken the item: the item is absent, and the row was `running` in the same read. Before that state the
   * item may not be written yet, and after it the end of the session deletes it.
   */
  readonly isTaken: boolean;
}

/** Makes the host keys of one bastion. */
export interface HostKeyMaker {
  make(): Promise<HostKeys>;
}

export interface Fingerprints {
  /** The fingerprint of a public key line, as OpenSSH shows it: `SHA256:…`. */
  of(publicKey: string): string;
}

export interface HostKeys {
  /** Each as `<type> <base64>`. */
  readonly publicKeys: readonly string[];
  /** The private halves, for the bastion's handoff item and for nothing else. */
  readonly handoffValues: HandoffValues;
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

/** The figures that alarms watch. */
export interface Metrics {
  /** Reports a pass of the reaper: by how many seconds the most overdue session was late, 0 when none was. */
  reaped(oldestOverdueSeconds: number): void;
  /** Reports a sweep. */
  swept(counts: OrphanCounts): void;
}

export interface OrphanCounts {
  /** Orphans found, without those that a person keeps and those that a session explains after all. */
  readonly seen: number;
  readonly removed: number;
}
