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
  'pool',
  'announce',
  'sweeper',
  'drain',
  'web',
] as const;

export type Entry = (typeof entries)[number];

/** Environment variables of the functions. `lib` sets them, and each file in `lambdas/functions` parses its own. */
export const env = {
  table: 'TABLE_NAME',
  cluster: 'CLUSTER_NAME',
  vpc: 'VPC_ID',
  /** Comma-separated public subnets, in different availability zones. */
  subnets: 'SUBNET_IDS',
  /** Id of the security group that every task has beside its session's own. */
  clientGroup: 'CLIENT_SECURITY_GROUP',
  /** ARN of the `ssh` task definition, with its revision. */
  sshTaskDefinition: 'SSH_TASK_DEFINITION',
  /** One port (`22`) or a range (`20000-20999`) out of which each session gets its own. */
  sshPorts: 'SSH_PORTS',
  /** The login of the `ssh` image. */
  sshLogin: 'SSH_LOGIN',
  /** CPU units of each task. */
  taskCpu: 'TASK_CPU',
  /** Memory of each task in MiB. */
  taskMemory: 'TASK_MEMORY',
  /** Comma-separated `<kind>=<task definition ARN>` of the agents that webhooks can start. */
  agentTaskDefinitions: 'AGENT_TASK_DEFINITIONS',
  handoffTable: 'HANDOFF_TABLE',
  /** Unique id (`AROA…`) of the role of `ssh` tasks. Their handoff items' keys begin with it. */
  sshRoleId: 'SSH_ROLE_ID',
  /** Unique id (`AROA…`) of the role of the tasks that webhooks start. Their handoff items' keys begin with it. */
  targetRoleId: 'TARGET_ROLE_ID',
  /** ARN of the secret that webhooks authenticate with: JSON `{"current": "…", "previous": "…"}`, `previous` optional. */
  webhookSecret: 'WEBHOOK_SECRET',
  /** `true` when HMAC signatures are accepted beside Basic. */
  webhookHmac: 'WEBHOOK_HMAC',
  webhookTtlSeconds: 'WEBHOOK_TTL_SECONDS',
  teardownFunction: 'TEARDOWN_FUNCTION',
  /** ARN patterns of callers who may act for everybody, separated by blanks, because a name may hold a comma. May be empty. */
  admins: 'ADMINS',
  /** The rules by which people with a token are let in: `SignInRules` as JSON. Absent without an identity provider. */
  signIn: 'SIGN_IN',
  /** Patterns of the repositories whose workloads are let in, separated by blanks. Absent without a CI service. */
  ciRepositories: 'CI_REPOSITORIES',
  /** The identity provider of the page and the command, absent without one: issuer, client, audience, and scopes by blanks. */
  oidcIssuer: 'OIDC_ISSUER',
  oidcClientId: 'OIDC_CLIENT_ID',
  oidcAudience: 'OIDC_AUDIENCE',
  oidcScopes: 'OIDC_SCOPES',
  /** Where the command waits for the issuer's answer. Absent for the usual place. */
  oidcRedirectUri: 'OIDC_REDIRECT_URI',
  /** Audience of the tokens of workloads. Absent without a CI service. */
  ciAudience: 'CI_AUDIENCE',
  defaultTtlSeconds: 'DEFAULT_TTL_SECONDS',
  maxTtlSeconds: 'MAX_TTL_SECONDS',
  maxLifetimeSeconds: 'MAX_LIFETIME_SECONDS',
  /** Most live bastions. */
  maxSessions: 'MAX_SESSIONS',
  /** Most live bastions that one IAM role's credentials started, or one repository's workloads. As many as `maxSessions` without a limit of its own. */
  maxPerRole: 'MAX_PER_ROLE',
  /** Most live targets. */
  maxTargets: 'MAX_TARGETS',
  /** Pooled bastions that the pool keeps within its hours, 0 without a pool. */
  poolSize: 'POOL_SIZE',
  /** The hours of the pool: `Mon-Fri 08:00-18:00 Europe/Berlin`, or `always`. */
  poolHours: 'POOL_HOURS',
  poolMaxAgeSeconds: 'POOL_MAX_AGE_SECONDS',
  /** Value of the tag `bastion:stack`. It keeps two deployments in one account apart. */
  stack: 'STACK_NAME',
} as const;

/** The table: one item type per key prefix, three indexes. */
export const table = {
  /** Partition key of every item; it begins with the prefix of the item's type. */
  key: 'pk',
  /** A function may write only the types that are its work. */
  prefixes: {
    /** `session#<sessionId>` */
    session: 'session#',
    /** `claim#user#<owner>`, `claim#activation#<hash>` */
    claim: 'claim#',
    /** `places#people`, `places#targets` */
    places: 'places#',
    /** `orphan#<ARN or group id>` */
    orphan: 'orphan#',
    /** `signature#<hash>` */
    signature: 'signature#',
  },
  /** The health probe reads this key, which no item has. An empty answer shows that the table answers. */
  healthKey: 'health',
  /** DynamoDB TTL attribute, epoch seconds. It deletes stopped rows and never ends a session. */
  ttl: 'purgeAt',
  /** A sparse index of the rows that are not stopped, by the moment of their next look (`reapAt`, epoch ms). */
  dueIndex: { name: 'due', partitionKey: 'shard', sortKey: 'reapAt' },
  /** Every session of the last 30 days, by `createdAt` (epoch ms). */
  historyIndex: { name: 'history', partitionKey: 'kind', sortKey: 'createdAt' },
  /** The same sessions by their claim, so that a person's history is one query over their own rows. */
  claimIndex: { name: 'claim', partitionKey: 'claim', sortKey: 'createdAt' },
} as const;

/** CloudWatch metrics that the functions write. The alarms and the dashboard read them. */
export const metrics = {
  namespace: 'BastionOnDemand',
  /** Name of the dimension of every metric. Its value is the name of the stack. */
  stackDimension: 'service',
  /** Name of a second dimension of what concerns starts. Its values are `startKinds`. */
  startDimension: 'Start',
  /** Seconds from a person's request to the moment that the functions know that sshd accepts their connections. */
  startSeconds: 'StartSeconds',
  /** Starts that failed, counted once everything of them is removed. */
  failedStarts: 'FailedStarts',
  /** Starts that took a bastion from the pool, and starts that found none free. Written with a pool alone. */
  poolHits: 'PoolHits',
  poolMisses: 'PoolMisses',
  /** Bastions that a start could take from the pool. Written with a pool alone. */
  poolReady: 'PoolReady',
  /** Bastions and targets that live, those of the pool among them. Written every ten minutes. */
  liveSessions: 'LiveSessions',
  /** Seconds by which the most overdue session is late, 0 when none is. */
  oldestOverdueSeconds: 'OldestOverdueSeconds',
  /** Resources found by one sweep that no session explains and no person keeps. */
  orphansSeen: 'OrphansSeen',
  orphansRemoved: 'OrphansRemoved',
} as const;

/** How a session was started: `pool` if its task ran before anybody asked for it. */
export const startKinds = ['pool', 'on-demand'] as const;
export type StartKind = (typeof startKinds)[number];

/** The rules by which people with a token are let in, and under which name. */
export interface SignInRules {
  /** The claim that names the user. */
  readonly userClaim: string;
  /** The domains of the addresses that may be names. */
  readonly domains: readonly string[];
  /** Addresses, and groups as `group:<name>`. */
  readonly admins: readonly string[];
  /** The groups whose members alone are let in. Empty for everybody. */
  readonly groups: readonly string[];
  /** The claim that lists a person's groups. */
  readonly groupsClaim: string;
  /** Patterns of the IAM roles whose sessions may have such a name. `*` matches anything. */
  readonly roles: readonly string[];
}

/** Payload of the teardown function. */
export interface TeardownEvent {
  readonly sessionId: string;
}

/**
 * Payload of the drain function: a request of CloudFormation, perhaps passed on by an earlier invocation of the function.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
 */
export interface DrainEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  /** The URL that takes the answer. It is a secret, because anyone who knows it may answer. */
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  /** The name in an earlier answer. */
  readonly PhysicalResourceId?: string;
  /** Deadline for the answer, epoch milliseconds. CloudFormation's own requests have none. */
  readonly answerBy?: number;
}

/** Name of the drain function, which calls itself. */
export const drainName = (stack: string): string => `${stack}-drain`;
