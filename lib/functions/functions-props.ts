import type { Entry } from '../../contracts/stack.ts';
import type { Agents } from '../agents/agents.ts';
import type { Handoff } from '../data/handoff-table.ts';
import type { SessionTable } from '../data/session-table.ts';
import type { WebhookSecret } from '../data/webhook-secret.ts';
import type { Network } from '../network.ts';
import type { ResolvedProps } from '../settings/rules.ts';

type SettableProp =
  | 'defaultTtl'
  | 'maxTtl'
  | 'maxLifetime'
  | 'webhookTtl'
  | 'maxSessions'
  | 'maxPerRole'
  | 'maxTargets'
  | 'admins'
  | 'oidcIssuer'
  | 'oidcClientId'
  | 'oidcAudience'
  | 'oidcScopes'
  | 'oidcRedirectUri'
  | 'oidcUserClaim'
  | 'oidcDomains'
  | 'oidcAdmins'
  | 'oidcGroups'
  | 'oidcGroupsClaim'
  | 'oidcRoles'
  | 'ciAudience'
  | 'ciRepositories'
  | 'logRetention'
  | 'deleteLogs'
  | 'reserveConcurrency'
  | 'poolSize'
  | 'poolHours'
  | 'poolMaxAge'
  | 'page';

export interface FunctionsProps extends Pick<ResolvedProps, SettableProp> {
  /** Folder of each entry's bundle. */
  readonly bundles: Readonly<Record<Entry, string>>;
  readonly table: SessionTable;
  readonly handoff: Handoff;
  readonly agents: Agents;
  readonly network: Network;
  /** Undefined without a kind of agent that a webhook can start. */
  readonly webhookSecret: WebhookSecret | undefined;
}
