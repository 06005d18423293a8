/** The row of a session: everything that the functions remember of it. `session.ts` has the moves that change it. */
import type { WebhookAgentKind } from '../../../contracts/agent.ts';
import type { EndReason, SessionState } from '../../../contracts/api.ts';

/** Epoch milliseconds. */
export type Instant = number;

export type { EndReason, SessionState };

/** The agent of a person's bastion: sshd for the holder of one key, on one port. */
export interface SshAgent {
  readonly kind: 'ssh';
  /** One OpenSSH public key line, without options. Absent while nobody has taken a pooled bastion. */
  readonly publicKey?: string;
  readonly port: number;
  /** `SHA256:…` of that key, as sshd logs it. */
  readonly keyFingerprint?: string;
  /** The public halves of the bastion's host keys, each as `<type> <base64>`. */
  readonly hostKeys: readonly string[];
}

/** An agent that registers with a zero-trust service and dials out. */
export interface WebhookAgent {
  readonly kind: WebhookAgentKind;
  /** The service's name for our sessionId. */
  readonly idName: 'containerId' | 'uniqueId';
}

export type Agent = SshAgent | WebhookAgent;

/** The birth of a bastion that the pool has started. */
export interface PoolBirth {
  readonly at: Instant;
  /** ARN of the task definition, with its revision. */
  readonly taskDefinition: string;
}

export interface Session {
  /** Random and unguessable. It is also the name of everything that the session owns. */
  readonly sessionId: string;
  /** Counts the writes of this row. The table refuses a write that was computed from an older count. */
  readonly version: number;
  readonly state: SessionState;
  /** Absent while nobody has taken a pooled bastion. */
  readonly owner?: string;
  /** The claim that this session holds while it is live: one bastion per user, one target per activation. */
  readonly claim: string;
  /** Absent for a session that was started for its owner. */
  readonly pool?: PoolBirth;
  readonly agent: Agent;
  /** ARN of the caller who started it. Webhooks have none. */
  readonly startedBy?: string;
  /** Address of that caller. */
  readonly startedFrom?: string;
  /** ARN of the caller who last changed the addresses. Absent as long as those of the start stand. */
  readonly movedBy?: string;
  /** The CIDR blocks that may connect. */
  readonly allowedCidrs: readonly string[];
  /** The CIDR blocks from which the owner has moved, latest last. Absent once a check-up has confirmed the move. */
  readonly formerCidrs?: readonly string[];
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** The last moment that an extension may reach. The agent exits by itself then. */
  readonly latestEnd: Instant;
  /** The moment of the next look at this row. Absent exactly when the session is `stopped`. */
  readonly reapAt?: Instant;
  /** End of the start lease. Until then its starter may still create resources, so the row stays open. */
  readonly creatingUntil?: Instant;
  readonly securityGroupId?: string;
  readonly taskArn?: string;
  /** Public address of a bastion, from the moment on that AWS tells it. */
  readonly host?: string;
  /** The moment at which the agent was seen to be up. */
  readonly readyAt?: Instant;
  /** The last warning that the owner has got: so many minutes before this end. */
  readonly warned?: { readonly end: Instant; readonly minutes: number };
  readonly endedAt?: Instant;
  readonly reason?: EndReason;
  /** The end in AWS's or the agent's own words. */
  readonly detail?: string;
}
