/**
 * The names that the stack (`lib`) and the functions (`lambdas`) must agree on: functions, environment variables, table keys,
 * metrics and events.
 */

/** The functions. Each is `lambdas/functions/<entry>.ts`. */
export const entries = [
  'start',
  'stop',
  'sessions',
  'health',
  'webhook-start',
  'webhook-stop',
  'teardown',
  'reaper',
  'task-stopped',
  'sweeper',
  'drain',
] as const;

export type Entry = (typeof entries)[number];

/** Environment variables of the functions. `lib` sets them, and each file in `lambdas/functions` parses its own. */
export const env = {
  table: 'TABLE_NAME',
  cluster: 'CLUSTER_NAME',
  vpc: 'VPC_ID',
  /** Comma-separated public subnets, in different availability zones. */
  subnets: 'SUBNET_IDS',
  /** ARN of the `ssh` task definition, with its revision. */
  sshTaskDefinition: 'SSH_TASK_DEFINITION',
  /** One port (`22`) or a range (`20000-20999`) out of which each session gets its own. */
  sshPorts: 'SSH_PORTS',
  /** The login of the `ssh` image. */
  sshLogin: 'SSH_LOGIN',
  /** Comma-separated `<kind>=<task definition ARN>` of the agents that webhooks can start. */
  agentTaskDefinitions: 'AGENT_TASK_DEFINITIONS',
  handoffTable: 'HANDOFF_TABLE',
  /** Unique id (`AROA…`) of the task role that reads handoff items. */
  handoffRoleId: 'HANDOFF_ROLE_ID',
  /** ARN of the secret that webhooks authenticate with: JSON `{"current": "…", "previous": "…"}`, `previous` optional. */
  webhookSecret: 'WEBHOOK_SECRET',
  /** `true` when HMAC signatures are accepted beside Basic. */
  webhookHmac: 'WEBHOOK_HMAC',
  webhookTtlSeconds: 'WEBHOOK_TTL_SECONDS',
  teardownFunction: 'TEARDOWN_FUNCTION',
  /** Comma-separated ARN patterns (`*` matches anything) of callers who may act for everybody; may be empty. */
  admins: 'ADMINS',
  defaultTtlSeconds: 'DEFAULT_TTL_SECONDS',
  maxTtlSeconds: 'MAX_TTL_SECONDS',
  maxLifetimeSeconds: 'MAX_LIFETIME_SECONDS',
  maxSessions: 'MAX_SESSIONS',
  /** Value of the tag `bastion:stack`, so that two deployments in one account never touch each other's resources. */
  stack: 'STACK_NAME',
} as const;

/** The table: one item type per key prefix, two indexes. */
export const table = {
  /** Partition key of every item; it begins with the prefix of the item's type. */
  key: 'pk',
  /** Each function may write only the types that are its work. */
  prefixes: {
    /** `session#<sessionId>` */
    session: 'session#',
    /** `claim#user#<owner>`, `claim#activation#<hash>` */
    claim: 'claim#',
    /** `orphan#<ARN or group id>` */
    orphan: 'orphan#',
    /** `signature#<hash>` */
    signature: 'signature#',
  },
  /** Nothing has this key: who asks for it learns that the table answers. */
  healthKey: 'health',
  /** DynamoDB TTL attribute, epoch seconds: tidies stopped rows, never ends a session. */
  ttl: 'purgeAt',
  /** Sparse: holds only rows that are not stopped, by the next moment somebody must look at them (`reapAt`, epoch ms). */
  dueIndex: { name: 'due', partitionKey: 'shard', sortKey: 'reapAt' },
  /** Every session of the last 30 days, by `createdAt` (epoch ms). */
  historyIndex: { name: 'history', partitionKey: 'kind', sortKey: 'createdAt' },
} as const;

/** CloudWatch metrics the functions write and the alarms read. */
export const metrics = {
  namespace: 'BastionOnDemand',
  /** For how long the session that waits longest has been due, or has been on its way out; 0 when none is. */
  oldestOverdueSeconds: 'OldestOverdueSeconds',
  /** Resources that no session explains and nobody keeps, as one sweep found them; among them those it removed. */
  orphansSeen: 'OrphansSeen',
  orphansRemoved: 'OrphansRemoved',
} as const;

/** Payload of the teardown function. */
export interface TeardownEvent {
  readonly sessionId: string;
}

/**
 * Payload of the drain function: a request of CloudFormation, perhaps handed on by an invocation whose time was over.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
 */
export interface DrainEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  /** Where the answer goes. Whoever knows it may answer: a secret. */
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  /** As a former answer named it. */
  readonly PhysicalResourceId?: string;
  /** Epoch milliseconds by when it must be answered; absent in CloudFormation's own. */
  readonly answerBy?: number;
}

/** So that it can call itself. */
export const drainName = (stack: string): string => `${stack}-drain`;
