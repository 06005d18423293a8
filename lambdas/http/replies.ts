/** Results and errors as HTTP replies. Every error has one form: `{"ErrorMessage": "<a sentence to act on>"}`. */
import { callerAddressHeader, type ErrorBody } from '../../contracts/api.ts';
import {
  AwsUnavailable,
  Conflict,
  Forbidden,
  InvalidRequest,
  IssuerUnusable,
  NotBuilt,
  NotFound,
  StaleSession,
  StartFailed,
  TargetFailed,
  TooManySessions,
  Unauthenticated,
} from '../core/session/errors.ts';
import type { Log } from '../core/session/ports.ts';
import { type HttpEvent, parseEvent } from './event.ts';
import { requestLog } from './request-log.ts';

export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body is base64 of bytes, which API Gateway decodes. */
  readonly isBase64Encoded?: true;
}

/** A JSON reply. Its body ends with a newline, for terminals. */
export function json(statusCode: number, body: object, headers: Record<string, string> = {}): Reply {
  const contentType = { 'content-type': 'application/json' };
  return { statusCode, headers: { ...contentType, ...headers }, body: `${JSON.stringify(body)}\n` };
}

/** A text reply. A line ends with a newline. No words make an empty body. */
export function text(statusCode: number, words: string, headers: Record<string, string> = {}): Reply {
  const contentType = { 'content-type': 'text/plain; charset=utf-8' };
  return { statusCode, headers: { ...contentType, ...headers }, body: words === '' ? '' : `${words}\n` };
}

/** Seconds after which another try is worthwhile. */
const retryAfter = { starting: '1', unavailable: '10', full: '60' };

export const stillStarting = { 'retry-after': retryAfter.starting };

const statuses = [
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
  { error: IssuerUnusable, statusCode: 503, headers: { 'retry-after': retryAfter.unavailable } },
  { error: AwsUnavailable, statusCode: 503, headers: { 'retry-after': retryAfter.unavailable } },
] as const;

export type HttpHandler = (event: unknown) => Promise<Reply>;

/**
 * Makes a Lambda handler of `answer`: parses the event, and turns every error into its reply. Each line that `answer` logs through
 * its own ports says who asked, from where, and in which request.
 */
export function httpHandler<P extends { readonly log: Log }>(
  ports: P,
  answer: (event: HttpEvent, ports: P) => Promise<Reply>,
): HttpHandler {
  return async (raw) => {
    const event = parseEvent(raw);
    const { requestId, http } = event.requestContext;
    const log = requestLog(ports.log, event);
    const reply = await answer(event, { ...ports, log }).catch((error: unknown) => errorReply(log, error, requestId));
    return { ...reply, headers: { ...reply.headers, [callerAddressHeader]: http.sourceIp } };
  };
}

function errorReply(log: Log, error: unknown, requestId: string): Reply {
  const status = statuses.find((row) => error instanceof row.error);
  const headers = { 'x-request-id': requestId };
  if (!status || error instanceof AwsUnavailable) log.error('request failed', { error });
  else log.info('request refused', { detail: error instanceof Error ? error.message : String(error) });
  if (status && error instanceof Error) {
    const body: ErrorBody = { ErrorMessage: withoutArns(error.message) };
    return json(status.statusCode, body, { ...headers, ...('headers' in status ? status.headers : {}) });
  }
  const ErrorMessage = `Something went wrong on our side. Try again; if it stays so, tell the operator the request id ${requestId}.`;
  return json(500, { ErrorMessage } satisfies ErrorBody, headers);
}

/** Takes ARNs out of AWS's sentences. Users need none, and they tell strangers about the account. */
const withoutArns = (message: string): string => message.replace(/\barn:aws[\w-]*:\S*/g, '(an AWS resource)');
