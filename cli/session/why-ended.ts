import type { Api } from '../api/client.ts';
import { endSentences } from '../terminal/session-text.ts';

/** A sentence that says why a session has ended, with a blank in front. Empty while the API does not say it. */
export async function whyEnded(api: Pick<Api, 'list' | 'hasHistory'>, sessionId: string): Promise<string> {
  if (!api.hasHistory) return '';
  const { sessions } = await api.list({ limit: 20 });
  const reason = sessions.find((one) => one.sessionId === sessionId)?.reason;
  return reason === undefined ? '' : ` ${endSentences[reason]}`;
}
