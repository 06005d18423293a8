/** What a deployer sets, as far as it concerns sessions. */
export interface Settings {
  readonly defaultTtlSeconds: number;
  readonly maxTtlSeconds: number;
  /** No session lives longer, however often it is extended. */
  readonly maxLifetimeSeconds: number;
  readonly maxSessions: number;
  readonly sshPorts: PortRange;
}

export interface TargetSettings {
  readonly webhookTtlSeconds: number;
  readonly maxSessions: number;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** The session's port out of the range: always the same for the same session. */
export function portOf(sessionId: string, range: PortRange): number {
  let hash = 0;
  for (const char of sessionId) hash = (hash * 31 + char.charCodeAt(0)) % 2 ** 31;
  return range.from + (hash % (range.to - range.from + 1));
}
