/** A session's place among those that may live at the same time. */
import type { Agent, Session } from './row.ts';

/** A group of sessions with a limit of its own. */
export type PlaceGroup = 'people' | 'targets';

export interface Place {
  readonly group: PlaceGroup;
  /**
   * Name of the IAM role whose credentials started the session, or the repository whose workload did, as `owner/repository`. Absent
   * for any other person's bastion and for a target.
   */
  readonly role?: string;
}

/** The most sessions at the same time: of the group, and of one role or repository in it. */
export interface PlaceLimits {
  readonly most: number;
  readonly mostPerRole?: number;
}

/** The result of a try to take a place: `full` and `role-full` name the limit that is reached. */
export type Taking = 'taken' | 'full' | 'role-full';

interface Starting extends Pick<Session, 'startedBy' | 'owner'> {
  readonly agent: Pick<Agent, 'kind'>;
}

export function placeOf({ agent, startedBy = '', owner = '' }: Starting): Place {
  if (agent.kind !== 'ssh') return { group: 'targets' };
  const [, role] = /^arn:[\w-]+:sts::\d{12}:assumed-role\/([^/]+)\//.exec(startedBy) ?? [];
  const limited = startedBy.startsWith('arn:') ? role : repositoryOf(owner);
  return { group: 'people', ...(limited !== undefined && { role: limited }) };
}

/**
 * The repository in the name of a workload, `owner=repository=environment`. Whoever may write to it can make up environments, and
 * so names. A person with a token has a name with `@` and one bastion.
 */
function repositoryOf(owner: string): string | undefined {
  const parts = owner.includes('@') ? [] : owner.split('=').slice(0, -1);
  return parts.length < 2 ? undefined : parts.join('/').toLowerCase();
}

/** The limit of the place's role. Undefined without a role, and where the group's own limit is reached first. */
export function roleLimitOf({ role }: Place, { most, mostPerRole = most }: PlaceLimits): number | undefined {
  return role !== undefined && mostPerRole < most ? mostPerRole : undefined;
}

/** True when so many of these holders are of the place's role. */
export const isRoleFull = (holders: readonly { readonly place: Place }[], { role }: Place, limit: number): boolean =>
  holders.filter(({ place }) => place.role === role).length >= limit;
