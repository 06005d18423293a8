/** The events of sessions on EventBridge's default bus, for rules of the account. */
import * as v from 'valibot';
import { agentKinds } from './agent.ts';
import { endReasons, sessionStates } from './api.ts';
import { moment } from './moment.ts';

/** `source` of every event. */
export const eventSource = 'bastion-on-demand';

/**
 * - `started`: AWS has accepted the session's task.
 * - `ready`: sshd of a bastion accepts its owner's connections.
 * - `moved`: another address is let in.
 * - `extended`: the end has changed.
 * - `ending`: the end is near.
 * - `ended`: everything of the session is gone. It also comes for a start that failed.
 */
export const sessionMoves = ['started', 'ready', 'moved', 'extended', 'ending', 'ended'] as const;
export type SessionMove = (typeof sessionMoves)[number];

/** The `detail-type` of an event: `bastion.session.started`. */
export const detailType = (move: SessionMove): `bastion.session.${SessionMove}` => `bastion.session.${move}`;

/** The `detail` of an event. It holds no secret. */
export const sessionEvent = v.object({
  /** `<sessionId>/<move>/<version of the row>`. An event that comes twice has the same. */
  id: v.string(),
  /** Name of the stack. */
  stack: v.string(),
  move: v.picklist(sessionMoves),
  /** The event in one sentence. */
  text: v.string(),
  sessionId: v.string(),
  /** Owner of a bastion. */
  user: v.exactOptional(v.string()),
  agent: v.picklist(agentKinds),
  state: v.picklist(sessionStates),
  host: v.exactOptional(v.string()),
  allowedCidrs: v.array(v.string()),
  createdAt: moment,
  expiresAt: moment,
  startedBy: v.exactOptional(v.string()),
  startedFrom: v.exactOptional(v.string()),
  movedBy: v.exactOptional(v.string()),
  endedAt: v.exactOptional(moment),
  reason: v.exactOptional(v.picklist(endReasons)),
});

export type SessionEvent = v.InferOutput<typeof sessionEvent>;
