/** The settings of a deployment that concern people's sessions. */
export interface Settings {
  readonly defaultTtlSeconds: number;
  readonly maxTtlSeconds: number;
  /** The longest life of a session, extensions included. */
  readonly maxLifetimeSeconds: number;
  /** Live bastions at once. */
  readonly maxSessions: number;
  /** Live bastions at once that one IAM role's credentials, or one repository's workloads, started. */
  readonly maxPerRole: number;
  readonly sshPorts: PortRange;
  /** Pooled bastions of use. Absent without a pool. */
  readonly pool?: PoolDemand;
}

/** What a pooled bastion must be like to be of use: a deployment may have changed either since it was started. */
export interface PoolDemand {
  /** ARN of the task definition, with its revision. */
  readonly taskDefinition: string;
  readonly sshPorts: PortRange;
}

/** The settings of a deployment that concern webhooks' targets. */
export interface TargetSettings {
  readonly webhookTtlSeconds: number;
  /** Live targets at once. */
  readonly maxTargets: number;
}

/** Ports from the first to the last, both included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export const hasPort = ({ from, to }: PortRange, port: number): boolean => port >= from && port <= to;

/** Picks the session's port out of the range: always the same one for the same session. */
export function portOf(sessionId: string, range: PortRange): number {
  let hash = 0;
  for (const char of sessionId) hash = (hash * 31 + char.charCodeAt(0)) % 2 ** 31;
  return range.from + (hash % (range.to - range.from + 1));
}
