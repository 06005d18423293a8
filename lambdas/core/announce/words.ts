/** An event in one sentence, for a chat or a mail. */
import type { EndReason } from '../../../contracts/api.ts';
import type { SessionMove } from '../../../contracts/events.ts';
import type { Session } from '../session/session.ts';
import { clockTime } from '../session/shown.ts';

const reasons: Readonly<Record<EndReason, string>> = {
  stopped: 'it was stopped',
  expired: 'its time was over',
  idle: 'nobody was connected',
  exited: 'its program ended',
  'start-failed': 'its start failed',
};

export function wordsOf(move: SessionMove, session: Session): string {
  const name = session.owner === undefined ? `The target ${session.agent.kind}` : `The bastion of ${session.owner}`;
  const end = `${clockTime(session.expiresAt)} UTC`;
  switch (move) {
    case 'started':
      return `${name} starts.`;
    case 'ready':
      return `${name} is up at ${session.host}, and ends at ${end}.`;
    case 'moved':
      return `${name} lets in ${session.allowedCidrs.join(', ') || 'nobody'} now.`;
    case 'extended':
      return `${name} ends at ${end} now.`;
    case 'ending':
      return `${name} ends at ${end}, in about ${session.warned?.minutes} minutes.`;
    case 'ended':
      return `${name} has ended: ${session.reason === undefined ? 'no reason is known' : reasons[session.reason]}.`;
  }
}
