import { waitSeconds } from '../../../contracts/api.ts';
import { InvalidRequest } from '../../core/session/errors.ts';
import type { Instant } from '../../core/session/session.ts';
import { shown } from '../../core/session/shown.ts';
import type { Patience } from '../../core/watch/await-ready.ts';
import type { HttpEvent } from '../event.ts';

/** The most by which API Gateway's clock and a cold start together can put the request's time stamp before now. */
const mostAgeMs = 10_000;

/**
 * The time for an answer, from API Gateway's own time stamp on: its 30 s run through a cold start, and Lambda's do not.
 * Throws `InvalidRequest` for anything but whole seconds from 0 to 28.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
export function patienceOf(event: HttpEvent, now: Instant, wait: string | undefined, defaultSeconds: number): Patience {
  const seconds = wait === undefined ? defaultSeconds : parseWait(wait);
  const arrivedAt = Math.min(Math.max(event.requestContext.timeEpoch, now - mostAgeMs), now);
  return { waitUntil: arrivedAt + seconds * 1000, answerBy: arrivedAt + waitSeconds.most * 1000 };
}

function parseWait(value: string): number {
  const seconds = /^[0-9]{1,2}$/.test(value) ? Number(value) : Number.NaN;
  if (seconds <= waitSeconds.most) return seconds;
  throw new InvalidRequest(`wait: got "${shown(value)}", expected whole seconds from 0 to ${waitSeconds.most}.`);
}
