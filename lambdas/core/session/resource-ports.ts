/** The ports to what a session owns in AWS: its security group, its task, and the task's handoff. */
import type { Agent, Instant, Session } from './row.ts';

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
 * after its creation does not prove that there is none. `throttled`: the account asks for too many removals at once.
 */
export type Removal = 'removed' | 'in-use' | 'kept' | 'absent' | 'throttled';

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
  /** True when the bastion ended itself because nobody was connected. */
  readonly isIdle: boolean;
}

export interface TaskLauncher {
  /** Runs the session's task and returns its ARN. Idempotent per session. */
  run(session: Session, securityGroupId: string): Promise<string>;
}

/** The row with its next version; or why there is no notice: the row has changed, or the last notice still waits for its agent. */
export type NoticeOutcome = Session | 'changed' | 'unread';

/** Lines for the terminals of those who are logged in. The agent asks for them, and deletes what it has shown. */
export interface Notices {
  /** Writes the row and the notice, both or none of them. */
  give(session: Session, text: string): Promise<NoticeOutcome>;
}

/** Names the owner on what a pooled bastion had before it had one. */
export interface Owners {
  tag(session: Session): Promise<void>;
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
  /** Writes the task's item, unless it has another one. A try that AWS carries out late may write it once more after its deletion. */
  put(task: HandoffTask, item: HandoffItem): Promise<WrittenHandoff>;
  /** Reads the session's row and looks for its item, in one strongly consistent read. The item's values stay unread. */
  look(session: Session, taskArn: string): Promise<HandoffLook>;
  /** Deletes an item that the agent has left. */
  remove(task: HandoffTask): Promise<void>;
}

export interface HandoffTask {
  readonly kind: Agent['kind'];
  readonly arn: string;
}

export interface HandoffItem {
  /** Names the item, so that nobody deletes or replaces another one under the same key. */
  readonly id: string;
  readonly values: HandoffValues;
  /** When the item may be deleted although the agent has not taken it. */
  readonly until: Instant;
}

export interface WrittenHandoff {
  /** False when the task has another item. */
  readonly isWritten: boolean;
  /** True when DynamoDB was asked more than once: a try that arrives late may write the item again after its deletion. */
  readonly mayReappear: boolean;
}

/** What the agent must know, by name. All of it may be secret. */
export type HandoffValues = Readonly<Record<string, string>>;

export interface HandoffLook {
  /** The session's row now. Undefined when this read did not get it. */
  readonly row: Session | undefined;
  /**
   * True when the agent has taken the item: the item is absent, and the row was accepted in the same read. Before that state the
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
