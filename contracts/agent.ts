/** The names that the functions and the agents in `agent-image` must agree on. */

/** Agent kinds that a webhook can start. */
export const webhookAgents = ['ssm', 'bzero-ssm', 'bzero'] as const;
export type WebhookAgentKind = (typeof webhookAgents)[number];

/** Kinds of agents: `ssh` for people, and those that a webhook starts. Each is also the name of its task's one container. */
export const agentKinds = ['ssh', ...webhookAgents] as const;
export type AgentKind = (typeof agentKinds)[number];

/**
 * The processor of each kind's tasks: x86_64 for the bzero agents, which exist for no other, and else arm64, which costs a
 * fifth less.
 */
export const processors = { ssh: 'arm64', ssm: 'arm64', 'bzero-ssm': 'x86_64', bzero: 'x86_64' } as const;
export type Processor = (typeof processors)[AgentKind];

/** Environment variables of an agent. Public values only: anyone who may describe tasks can read them. */
export const taskEnv = {
  /** Name of the handoff table. */
  handoffTable: 'HANDOFF_TABLE',
  /** Unique id (`AROA…`) of the task's role. With the task's id it is the key of the handoff item. */
  handoffRoleId: 'HANDOFF_ROLE_ID',
  /** Id of the session. It stands in front of each line of the agent's log. */
  sessionId: 'SESSION_ID',
  /** One OpenSSH public key line; the `ssh` agent alone. Absent while it is pooled. */
  authorizedKey: 'AUTHORIZED_KEY',
  /** `true` for the `ssh` agent of a pooled bastion: it has no owner yet, and a second handoff item brings the key. */
  pooled: 'POOLED',
  /** Seconds without a connection after which the `ssh` agent exits. Absent: it never does for that reason. */
  idleEnd: 'IDLE_END',
  /** Port of sshd; the `ssh` agent alone. */
  port: 'SSH_PORT',
  /** Epoch seconds at which the agent exits by itself: the latest moment the session could be extended to. */
  latestEnd: 'LATEST_END',
} as const;

/**
 * The handoff table: one item per task, with everything secret that the task must know. The start function writes it once RunTask
 * has answered. The task's own identity is the key, so that its role can be limited to it. The agent deletes the item once it is
 * up: **the deletion means "I am up"**. The end of the session deletes an item that its task has left.
 *
 * A pooled bastion gets a second item under the same key when somebody takes it: the authorized key. Its agent installs the key and
 * deletes the item, and that deletion means the same. A late try of an earlier write may bring an item back, so an agent deletes
 * by `id` the item that it has read, and never one that it has not.
 */
export const handoff = {
  /** Partition key: `<role id>:<task id>`, the `aws:userid` of the task's credentials. */
  key: 'pk',
  /** Name of this very item among those of its task. A repeated try of one write repeats it. */
  id: 'id',
  /** DynamoDB TTL attribute, epoch seconds. */
  ttl: 'purgeAt',
  /** Map of values for the agent, all strings. A webhook agent's are the variables of its activation. */
  values: 'values',
} as const;

/** Values of the `ssh` agent's handoff. Each is a private key file in OpenSSH's own format. */
export const hostKeyValues = { ed25519: 'HOST_KEY_ED25519', ecdsa: 'HOST_KEY_ECDSA' } as const;

/** Value of the `ssh` agent's second handoff: one OpenSSH public key line. */
export const authorizedKeyValue = 'AUTHORIZED_KEY';

/** Value of an item that comes while a bastion is up: one line for the terminals of those who are logged in. */
export const noticeValue = 'NOTICE';

/** Exit code of an agent that nobody was connected to for the time that the setting `idleEnd` gives. */
export const idleExitCode = 10;

/** Exit codes with which an agent ends by itself, and what each means to the person who waits for it. */
export const exitSentences: Readonly<Record<number, string>> = {
  1: 'its program ended by itself',
  [idleExitCode]: 'nobody was connected for the time that the setting idleEnd gives',
  64: 'a variable of its task was missing or wrong',
  65: 'its handoff item could not be used',
  69: 'its credentials or its handoff item did not arrive within 60 s',
  70: 'sshd did not answer',
  74: 'its handoff item could not be deleted',
};
