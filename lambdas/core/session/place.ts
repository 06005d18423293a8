/** A session's place among those that may live at the same time. */
import type { Agent, Session } from './row.ts';

/** A group of sessions with a limit of its own. */
export type PlaceGroup = 'people' | 'targets';

export interface Place {
  readonly group: PlaceGroup;
  /** Name of the IAM role whose credentials started the session. Absent for an IAM user's bastion and for a target. */
  readonly role?: string;
}

/** The most sessions at the same time: of the group, and of one role in it. */
export interface PlaceLimits {
  readonly most: number;
  readonly mostPerRole?: number;
}

/** The result of a try to take a place: `full` and `role-full` name the limit that is reached. */
export type Taking = 'taken' | 'full' | 'role-full';

interface Starting extends Pick<Session, 'startedBy'> {
  readonly agent: Pick<Agent, 'kind'>;
}

export function placeOf({ agent, startedBy = '' }: Starting): Place {
  if (agent.kind !== 'ssh') return { group: 'targets' };
  const [, role] = /^arn:[\w-]+:sts::\d{12}:assumed-role\/([^/]+)\//.exec(startedBy) ?? [];
  return { group: 'people', ...(role !== undefined && { role }) };
}

/** The limit of the place's role. Undefined without a role, and where the group's own limit is reached first. */
export function roleLimitOf({ role }: Place, { most, mostPerRole = most }: PlaceLimits): number | undefined {
  return role !== undefined && mostPerRole < most ? mostPerRole : undefined;
}

/** True when so many of these holders are of the place's role. */
export const isRoleFull = (holders: readonly { readonly place: Place }[], { role }: Place, limit: number): boolean =>
  holders.filter(({ place }) => place.role === role).length >= limit;
