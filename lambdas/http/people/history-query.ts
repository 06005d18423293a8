/** The query of `GET /sessions`. */
import * as v from 'valibot';
import { userClaim } from '../../core/session/claims.ts';
import { Forbidden, InvalidRequest } from '../../core/session/errors.ts';
import type { HistoryPosition, HistoryQuery } from '../../core/session/ports.ts';
import { type SessionState, sessionStates } from '../../core/session/session.ts';
import { type Caller, userFor } from './caller.ts';

const limits = { least: 1, most: 100, default: 50 };

const state = v.picklist(sessionStates);

const position = v.object({ sessionId: v.string(), createdAt: v.pipe(v.number(), v.integer()) });

/** Everybody's sessions for an admin who names no user, else the caller's own. Throws `InvalidRequest`, `Forbidden`. */
export function parseHistoryQuery(query: Readonly<Record<string, string>>, caller: Caller): HistoryQuery {
  const everybody = caller.isAdmin && query.user === undefined;
  if (!caller.isAdmin && caller.name === undefined)
    throw new Forbidden(
      'This caller has no name, so it has no sessions. Sign in as a user or a role, or ask an admin.',
    );
  return {
    limit: parseLimit(query.limit),
    ...(!everybody && { claim: userClaim(userFor(caller, query.user)) }),
    ...(query.state !== undefined && { state: parseState(query.state) }),
    ...(query.next !== undefined && { after: parsePosition(query.next) }),
  };
}

export const positionToken = (at: HistoryPosition): string => Buffer.from(JSON.stringify(at)).toString('base64url');

function parsePosition(token: string): HistoryPosition {
  const decoded = Buffer.from(token, 'base64url').toString('utf8');
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), position), decoded);
  if (parsed.success) return parsed.output;
  throw new InvalidRequest('next: expected the "next" of a former page, unchanged. Leave it out to begin anew.');
}

function parseState(value: string): SessionState {
  const parsed = v.safeParse(state, value);
  if (parsed.success) return parsed.output;
  throw new InvalidRequest(`state: got "${value.slice(0, 20)}", expected one of ${sessionStates.join(', ')}.`);
}

function parseLimit(value: string | undefined): number {
  if (value === undefined) return limits.default;
  const limit = /^[0-9]{1,4}$/.test(value) ? Number(value) : 0;
  if (limit >= limits.least && limit <= limits.most) return limit;
  throw new InvalidRequest(
    `limit: got "${value.slice(0, 20)}", expected a number from ${limits.least} to ${limits.most}.`,
  );
}
