/** The sessions of all pages, up to a limit, and the pool if the first page tells of it. */
import { pageSize, type SessionList, type SessionView } from '../../contracts/api.ts';
import type { Api } from '../api/client.ts';
import { badReply } from '../api/refusals.ts';
import type { CliError } from '../terminal/errors.ts';

export async function history(
  api: Pick<Api, 'list'>,
  limit: number,
  state?: string,
): Promise<Pick<SessionList, 'sessions' | 'pool'>> {
  const sessions: SessionView[] = [];
  let pool: SessionList['pool'];
  let next: string | undefined;
  do {
    const page = await api.list({
      limit: Math.min(limit - sessions.length, pageSize.most),
      ...(state !== undefined && { state }),
      ...(next !== undefined && { next }),
    });
    sessions.push(...page.sessions);
    pool ??= page.pool;
    if (page.next !== undefined && (page.sessions.length === 0 || page.next === next)) throw endless(page);
    next = page.next;
  } while (next !== undefined && sessions.length < limit);
  return { sessions: sessions.slice(0, limit), ...(pool && { pool }) };
}

/** Such pages could follow each other for ever. */
const endless = ({ sessions }: SessionList): CliError =>
  badReply(`a page with ${sessions.length} sessions leads to one like it`);
