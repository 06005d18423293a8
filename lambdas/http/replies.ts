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
} from '../core/session/errors.ts';
import type { Ports } from '../core/session/ports.ts';
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

/** What it takes to tell a caller what went wrong. */
export type Telling = Pick<Ports, 'log' | 'outageOf'>;

/** A Lambda handler around `answer`: parses the event, and turns what is thrown into the error reply it deserves. */
export function httpHandler(ports: Telling, answer: (event: HttpEvent) => Promise<Reply>): HttpHandler {
  return async (raw) => {
    const event = parseEvent(raw);
    try {
      return await answer(event);
    } catch (error) {
      return errorReply(ports, error, event.requestContext.requestId);
    }
  };
}

function errorReply({ log, outageOf }: Telling, error: unknown, requestId: string): Reply {
  const outage = outageOf(error);
  const told = outage ?? error;
  const known = table.find((row) => told instanceof row.error);
  const headers = { 'x-request-id': requestId };
  if (outage || !known) log.error('request failed', { error });
  if (known && told instanceof Error) {
    const extra = 'headers' in known ? known.headers : {};
    return json(known.statusCode, { ErrorMessage: withoutArns(told.message) }, { ...headers, ...extra });
  }
  const ErrorMessage = `Something went wrong on our side. Try again; if it stays so, tell the operator the request id ${requestId}.`;
  return json(500, { ErrorMessage }, headers);
}

/** AWS's sentences may name resources. Users need none of them, and they tell strangers about the account. */
const withoutArns = (message: string): string => message.replace(/\barn:aws[\w-]*:\S*/g, '(an AWS resource)');
