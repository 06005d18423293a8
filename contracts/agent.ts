/** The names that the functions and the agents in `agent-image` must agree on. */

/** Agent kinds that a webhook can start. Each is also the name of its one container and of its folder in `agent-image`. */
export const webhookAgents = ['ssm', 'bzero-ssm', 'bzero'] as const;
export type WebhookAgentKind = (typeof webhookAgents)[number];

/** Containers of the `ssh` task definition. */
export const containers = {
  /** Runs sshd; essential, so its exit ends the task. */
  ssh: 'ssh',
  /** Exits 0 as soon as sshd greets: the sharpest "ready" that ECS can report (docs/decisions/0004). */
  ready: 'ready',
  /** Ends at once. It starts when `ready` has ended well. With it the task counts as running, which ECS reports at once. */
  up: 'up',
} as const;

/** Environment variables of an agent. Public values only: anyone who may describe tasks can read them. */
export const taskEnv = {
  /** Name of the handoff table; webhook agents alone. */
  handoffTable: 'HANDOFF_TABLE',
  /** One OpenSSH public key line; the `ssh` agent alone. */
  authorizedKey: 'AUTHORIZED_KEY',
  /** Port of sshd; the `ssh` agent alone. */
  port: 'SSH_PORT',
  /** Epoch seconds at which the agent exits by itself: the latest moment the session could be extended to. */
  latestEnd: 'LATEST_END',
} as const;

/**
 * The handoff table: one item per webhook task, with the activation that must appear nowhere else. The task's own identity is
 * the key, so that its role can be limited to it. The agent deletes the item once it has read it; so does the session's end.
 */
export const handoff = {
  /** Partition key: `<role id>:<task id>`, the `aws:userid` of the task's credentials. */
  key: 'pk',
  /** DynamoDB TTL attribute, epoch seconds. */
  ttl: 'purgeAt',
  /** Map of environment variables for the agent, all strings. */
  values: 'values',
} as const;
