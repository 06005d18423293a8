/** Results and errors as HTTP replies. Every error has one form: `{"ErrorMessage": "<a sentence to act on>"}`. */
import {
  AwsUnavailable,
  Conflict,
  Forbidden,
  InvalidRequest,
  NotBuilt,
  NotFound,
  StaleSession,
  StartFailed,
  TargetFailed,
  TooManySessions,
  Unauthenticated,
} from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import { type HttpEvent, parseEvent } from './event.ts';

export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function json(statusCode: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return { statusCode, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export function text(statusCode: number, body: string, headers: Record<string, string> = {}): Reply {
  return { statusCode, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body };
}

/** Seconds after which asking again is worthwhile. */
const retryAfter = { starting: '5', unavailable: '10', full: '60' };

export const stillStarting = { 'retry-after': retryAfter.starting };

const table = [
  { error: InvalidRequest, statusCode: 400 },
  { error: Unauthenticated, statusCode: 401 },
  { error: Forbidden, statusCode: 403 },
  { error: NotFound, statusCode: 404 },
  { error: Conflict, statusCode: 409 },
  { error: StaleSession, statusCode: 409 },
  { error: TooManySessions, statusCode: 429, headers: { 'retry-after': retryAfter.full } },
  { error: TargetFailed, statusCode: 500 },
  { error: NotBuilt, statusCode: 501 },
  { error: StartFailed, statusCode: 502 },
  { error: AwsUnavailable, statusCode: 503, headers: { 'retry-after': retryAfter.unavailable } },
] as const;

export type HttpHandler = (event: unknown) => Promise<Reply>;

/** A Lambda handler around `answer`: parses the event, and turns what is thrown into the error reply it deserves. */
export function httpHandler(log: Log, answer: (event: HttpEvent) => Promise<Reply>): HttpHandler {
  return async (raw) => {
    const event = parseEvent(raw);
    try {
      return await answer(event);
    } catch (error) {
      return errorReply(log, error, event.requestContext.requestId);
    }
  };
}

function errorReply(log: Log, error: unknown, requestId: string): Reply {
  const known = table.find((row) => error instanceof row.error);
  const headers = { 'x-request-id': requestId };
  if (known && error instanceof Error) {
    const extra = 'headers' in known ? known.headers : {};
    return json(known.statusCode, { ErrorMessage: withoutArns(error.message) }, { ...headers, ...extra });
  }
  log.error('request failed', { error });
  const ErrorMessage = `Something went wrong on our side. Try again; if it stays so, tell the operator the request id ${requestId}.`;
  return json(500, { ErrorMessage }, headers);
}

/** AWS's sentences may name resources. Users need none of them, and they tell strangers about the account. */
const withoutArns = (message: string): string => message.replace(/\barn:aws[\w-]*:\S*/g, '(an AWS resource)');
