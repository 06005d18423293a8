/** The sessions of all pages, up to a limit, and the pool if the first page tells of it. */
import { pageSize, type SessionList, type SessionView } from '../../contracts/api.ts';
import type { Api } from '../api/client.ts';

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
    next = page.next;
  } while (next !== undefined && sessions.length < limit);
  return { sessions: sessions.slice(0, limit), ...(pool && { pool }) };
}
