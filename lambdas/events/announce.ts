/** Announces what the rows of sessions say: from the stream of their table to the events of the account. */
import * as v from 'valibot';
import type { SessionEvent, SessionMove } from '../../contracts/events.ts';
import { momentOf } from '../../contracts/moment.ts';
import { movesOf } from '../core/announce/moves.ts';
import { wordsOf } from '../core/announce/words.ts';
import type { Log, SessionEvents } from '../core/session/ports.ts';
import type { Session } from '../core/session/session.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
const streamEvent = v.object({
  Records: v.array(
    v.object({
      eventID: v.string(),
      dynamodb: v.object({ OldImage: v.optional(v.unknown()), NewImage: v.optional(v.unknown()) }),
    }),
  ),
});

export interface AnnouncePorts {
  readonly events: SessionEvents;
  readonly log: Log;
  /** Parses the image of a row. Throws for anything else. */
  readonly rowIn: (image: unknown) => Session;
}

/** Sends all events of the records, or throws. Then Lambda brings the records again, so an event comes at least once. */
export function announceHandler({ events, log, rowIn }: AnnouncePorts, stack: string) {
  return async (event: unknown): Promise<void> => {
    const { Records } = v.parse(streamEvent, event);
    const sent = Records.flatMap(({ eventID, dynamodb: { OldImage, NewImage } }) => {
      if (NewImage === undefined) return []; // a row that is purged, or that has lost the race for its claim
      try {
        const after = rowIn(NewImage);
        const moves = movesOf(OldImage === undefined ? undefined : rowIn(OldImage), after);
        return moves.map((move) => eventOf(move, after, stack));
      } catch (error) {
        // It harms only itself. Lambda would bring it, and everything behind it, again for a day.
        log.error('change of a row left out', { detail: `record ${eventID}`, error });
        return [];
      }
    });
    if (sent.length > 0) await events.send(sent);
  };
}

function eventOf(move: SessionMove, session: Session, stack: string): SessionEvent {
  const { sessionId, owner, agent, host, startedBy, startedFrom, movedBy, endedAt, reason } = session;
  return {
    id: `${sessionId}/${move}/${session.version}`,
    stack,
    move,
    text: wordsOf(move, session),
    sessionId,
    ...(owner !== undefined && { user: owner }),
    agent: agent.kind,
    state: session.state,
    ...(host !== undefined && { host }),
    allowedCidrs: [...session.allowedCidrs],
    createdAt: momentOf(session.createdAt),
    expiresAt: momentOf(session.expiresAt),
    ...(startedBy !== undefined && { startedBy }),
    ...(startedFrom !== undefined && { startedFrom }),
    ...(movedBy !== undefined && { movedBy }),
    ...(endedAt !== undefined && { endedAt: momentOf(endedAt) }),
    ...(reason !== undefined && { reason }),
  };
}
