/** The query of `GET /sessions`. */
import * as v from 'valibot';
import { pageSize, type queries, type SessionState, sessionStates } from '../../../contracts/api.ts';
import { userClaim } from '../../core/session/claims.ts';
import { InvalidRequest } from '../../core/session/errors.ts';
import type { HistoryPosition, HistoryQuery } from '../../core/session/ports.ts';
import { isSessionId } from '../../core/session/session-id.ts';
import { shown } from '../../core/session/shown.ts';
import { type Caller, userFor } from './caller.ts';

const stateSchema = v.picklist(sessionStates);
const positionSchema = v.object({
  sessionId: v.pipe(v.string(), v.check(isSessionId)),
  createdAt: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

/**
 * Parses the query: all users' sessions for an admin who names no user, else one user's.
 * Throws `InvalidRequest` or `Forbidden`.
 */
export function parseHistoryQuery(query: v.InferOutput<typeof queries.list>, caller: Caller): HistoryQuery {
  const isForAllUsers = caller.isAdmin && query.user === undefined;
  return {
    limit: parseLimit(query.limit),
    ...(!isForAllUsers && { claim: userClaim(userFor(caller, query.user)) }),
    ...(query.state !== undefined && { state: parseState(query.state) }),
    ...(query.next !== undefined && { after: parsePosition(query.next) }),
  };
}

/** A position as the opaque text of `next`. */
export const positionToken = (position: HistoryPosition): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

function parsePosition(token: string): HistoryPosition {
  const decoded = Buffer.from(token, 'base64url').toString('utf8');
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), positionSchema), decoded);
  if (parsed.success) return parsed.output;
  throw new InvalidRequest('next: expected the "next" of the page before, unchanged. Leave it out for the first page.');
}

function parseState(value: string): SessionState {
  const parsed = v.safeParse(stateSchema, value);
  if (parsed.success) return parsed.output;
  throw new InvalidRequest(`state: got "${shown(value)}", expected one of ${sessionStates.join(', ')}.`);
}

function parseLimit(value: string | undefined): number {
  if (value === undefined) return pageSize.default;
  const limit = /^[0-9]{1,4}$/.test(value) ? Number(value) : 0;
  if (limit >= pageSize.least && limit <= pageSize.most) return limit;
  throw new InvalidRequest(
    `limit: got "${shown(value)}", expected a number from ${pageSize.least} to ${pageSize.most}.`,
  );
}
