import { tags } from '../../contracts/account.ts';
import type { Session } from '../core/session/session.ts';

/**
 * Value of the tag that names an owner. A tag may hold all characters of an owner but the comma, which becomes `/`.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
 */
export const ownerTag = (owner: string): string => owner.replaceAll(',', '/');

/** The tags of everything that a session owns, in the casing of the API that takes them. */
export function tagsOf<T>(session: Session, stack: string, tag: (key: string, value: string) => T): T[] {
  return [
    tag(tags.session, session.sessionId),
    tag(tags.stack, stack),
    ...(session.owner === undefined ? [] : [tag(tags.owner, ownerTag(session.owner))]),
  ];
}
