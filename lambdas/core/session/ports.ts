/** What the core needs of the world. One interface per role; `lambdas/aws` has one adapter for each. */
import type { DrainEvent } from '../../../contracts/stack.ts';
import type { AwsUnavailable } from './errors.ts';
import type { EndReason, Instant, Session, SessionState } from './session.ts';

export interface Ports {
  readonly sessions: SessionStore;
  readonly securityGroups: SecurityGroups;
  readonly tasks: Tasks;
  readonly launcher: TaskLauncher;
  readonly handoffs: Handoffs;
  readonly keys: KeyStore;
  readonly teardowns: TeardownQueue;
  /** In the order in which they are to be removed. */
  readonly resources: readonly Resources[];
  readonly orphans: OrphanNotes;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly outageOf: OutageOf;
}

/** What passes by itself, in words for whoever asked; undefined for any other error. */
export type OutageOf = (error: unknown) => AwsUnavailable | undefined;

export interface SessionStore {
  /** Writes the first version of a row. */
  create(session: Session): Promise<void>;
  /** Strongly consistent. */
  find(sessionId: string): Promise<Session | undefined>;
  /** Writes the row if nobody has since `session.version`; the stored row, or undefined when somebody was faster. */
  save(session: Session): Promise<Session | undefined>;
  /** Forgets a row that never made anything. */
  remove(sessionId: string): Promise<void>;
  /** The sessionId that holds the claim. Strongly consistent. */
  claimHolder(claim: string): Promise<string | undefined>;
  /** Takes a claim that is free or held by `over`; false when somebody else holds it. */
  takeClaim(session: Session, over?: string): Promise<boolean>;
  /** Gives the claim back if this session holds it. */
  releaseClaim(session: Session): Promise<void>;
  /** Ids of the rows that must be looked at by now, most overdue first. Eventually consistent: read the row again. */
  due(now: Instant): AsyncIterable<string>;
  /** Ids of all rows that are not `stopped`. Eventually consistent: read the row again. */
  unfinished(): AsyncIterable<string>;
  /** How many sessions are live: starting or running. Eventually consistent. */
  liveCount(): Promise<number>;
  /** Newest first. Eventually consistent. */
  history(query: HistoryQuery): Promise<HistoryPage>;
}

export interface HistoryQuery {
  /** Absent: everybody's. */
  readonly claim?: string;
  /** As owners see it: `shownState`. */
  readonly state?: SessionState;
  readonly limit: number;
  /** A former page's `next`. */
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
   * It took more than one try. EC2 has no token by which it would know them for the same, only the name: when the group has
   * been deleted, one that is late may make it once more.
   */
  readonly mayComeAgain: boolean;
}

export interface SecurityGroups {
  /** Makes the session's own group, or finds it when it was made before. */
  create(session: Session): Promise<CreatedGroup>;
  /** Lets the session's addresses in. */
  admit(groupId: string, session: Session): Promise<void>;
  /** Lets the session's addresses in too. What it returns shuts out everybody else who was in at that moment. */
  admitToo(groupId: string, session: Session): Promise<() => Promise<void>>;
  remove(session: Session): Promise<Removal>;
  /** Ids of the network interfaces that use a group, and so keep it. */
  users(groupId: string): Promise<readonly string[]>;
}

/**
 * `kept`: a person protects it by the tag `bastion:keep`. `absent`: AWS knows no such thing, which just after its creation
 * need not mean that there is none.
 */
export type Removal = 'removed' | 'in-use' | 'kept' | 'absent';

export interface Task {
  readonly arn: string;
  /** `missing`: ECS does not know it: not yet (eventual consistency), or no longer (an hour after its end). */
  readonly phase: 'missing' | 'starting' | 'ready' | 'unready' | 'stopping' | 'stopped';
  readonly networkInterfaceId?: string;
  /** A person protects it by the tag `bastion:keep`. */
  readonly isKept: boolean;
  /** Why it stopped or never became ready, in ECS's words. */
  readonly detail?: string;
}

export interface TaskLauncher {
  /** Runs the session's task; its ARN. Idempotent per session. */
  run(session: Session, securityGroupId: string): Promise<string>;
}

export interface Tasks {
  /** ARNs of the session's tasks that nobody has asked to stop yet. */
  findRunning(sessionId: string): Promise<readonly string[]>;
  describe(arn: string): Promise<Task>;
  /** Asks for its end. A task that ECS no longer knows is no error. */
  stop(arn: string, why: string): Promise<void>;
  /** Public address of a network interface; undefined until it has one. */
  publicAddress(networkInterfaceId: string): Promise<string | undefined>;
}

/** How a webhook's agent gets its activation: one item per task, which only that task can read. */
export interface Handoffs {
  /** @param until when it may be forgotten although nobody has fetched it */
  put(taskArn: string, variables: Readonly<Record<string, string>>, until: Instant): Promise<void>;
  /** The agent deletes what it has fetched; this is for what it has not. */
  remove(taskArn: string): Promise<void>;
}

/** What webhooks authenticate with. */
export interface WebhookSecrets {
  /** The secrets that are accepted now: the current one, and during a rotation the previous one too. Never empty. */
  accepted(): Promise<readonly string[]>;
}

export interface Replays {
  /** True the first time it is asked about a signature, until `until`. */
  isFirstUse(signature: string, until: Instant): Promise<boolean>;
}

export interface KeyStore {
  /** The public key line stored for the user, as it was stored. */
  find(user: string): Promise<string | undefined>;
}

export interface TeardownQueue {
  /** Has the session converged soon, by someone else. */
  enqueue(sessionId: string): Promise<void>;
}

/** CloudFormation waits for an answer before it goes on with the stack. */
export interface StackRequests {
  /** @param failure why the request could not be met; absent: it was */
  answer(request: DrainEvent, failure?: string): Promise<void>;
  /** Has another invocation go on with the request. */
  handOn(request: DrainEvent): Promise<void>;
}

/** A task or security group as AWS has it, which is one of ours or looks like one. */
export interface Resource {
  readonly kind: 'task' | 'security group';
  /** ARN of a task, id of a security group. */
  readonly id: string;
  /** The session that it says it belongs to; undefined when it names none. */
  readonly sessionId: string | undefined;
  /** False when only its name is like ours: it may be a stranger's, and our role may not remove it. */
  readonly isOurs: boolean;
  /** A person protects it by the tag `bastion:keep`. */
  readonly isKept: boolean;
  /** It has been asked to go, and is not gone yet. */
  readonly isLeaving: boolean;
}

/** All resources of one kind, found from AWS's side and without any row. */
export interface Resources {
  readonly kind: Resource['kind'];
  all(): AsyncIterable<Resource>;
  remove(id: string): Promise<Removal>;
}

/** What a sweep found that no session explains, remembered for the next sweeps. */
export interface OrphanNote {
  readonly firstSeenAt: Instant;
  readonly lastSeenAt: Instant;
}

export interface OrphanNotes {
  /** Strongly consistent. */
  find(resourceId: string): Promise<OrphanNote | undefined>;
  save(resourceId: string, note: OrphanNote): Promise<void>;
}

export interface Clock {
  now(): Instant;
  sleep(ms: number): Promise<void>;
}

export interface Ids {
  /** Random, unguessable; letters, digits and `-` only. */
  next(): string;
}

/** One line per decision. The fields are an allow-list: nothing else can get into a log. */
export interface Log {
  info(decision: string, fields: LogFields): void;
  error(decision: string, fields: LogFields & { readonly error: unknown }): void;
}

export interface LogFields {
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
