/** The sessions of all pages, up to a limit. */
import { pageSize, type SessionView } from '../../contracts/api.ts';
import type { Api } from '../api/client.ts';

export async function history(api: Pick<Api, 'list'>, limit: number, state?: string): Promise<SessionView[]> {
  const sessions: SessionView[] = [];
  let next: string | undefined;
  do {
    const page = await api.list({
      limit: Math.min(limit - sessions.length, pageSize.most),
      ...(state !== undefined && { state }),
      ...(next !== undefined && { next }),
    });
    sessions.push(...page.sessions);
    next = page.next;
  } while (next !== undefined && sessions.length < limit);
  return sessions.slice(0, limit);
}
