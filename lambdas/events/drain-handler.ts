/**
 * CloudFormation's requests about the one resource that stands for "no session is left". Making it does nothing; deleting it
 * drains. CloudFormation waits until it is answered, and then goes on with whatever depends on that.
 */
import * as v from 'valibot';
import type { DrainEvent } from '../../contracts/stack.ts';
import { type DrainPorts, drain, type Leftover } from '../core/end/drain.ts';
import type { StackRequests } from '../core/session/ports.ts';
import { startLeaseMs } from '../core/session/session.ts';

const drainEvent = v.object({
  RequestType: v.picklist(['Create', 'Update', 'Delete']),
  ResponseURL: v.pipe(v.string(), v.startsWith('https://')),
  StackId: v.string(),
  RequestId: v.string(),
  LogicalResourceId: v.string(),
  PhysicalResourceId: v.exactOptional(v.string()),
  answerBy: v.exactOptional(v.number()),
});

const minuteMs = 60_000;

/** Fargate has been seen to keep a stopped task's interface for a quarter of an hour; twice that is not a matter of waiting. */
const drainForMs = 30 * minuteMs;
/** Lambda ends an invocation after 15 minutes. */
export const atOnceMs = 13 * minuteMs;

export function drainHandler(ports: DrainPorts, requests: StackRequests) {
  return async (event: unknown): Promise<void> => {
    const request: DrainEvent = v.parse(drainEvent, event);
    if (request.RequestType !== 'Delete') return requests.answer(request);
    const now = ports.clock.now();
    const answerBy = request.answerBy ?? now + drainForMs;
    const left = await drain(ports, {
      settledAt: answerBy - drainForMs + startLeaseMs,
      until: Math.min(answerBy, now + atOnceMs),
    });
    if (left.length === 0) return requests.answer(request);
    const isHopeless = left.every(({ isKept }) => isKept);
    if (isHopeless || ports.clock.now() + minuteMs > answerBy) return requests.answer(request, inWords(left));
    await requests.handOn({ ...request, answerBy });
  };
}

/** What to do comes first: an answer has room for so much, and the rest of the list is cut off. */
const inWords = (left: readonly Leftover[]): string =>
  `Still there: ${left.length}. See to them (docs/runbook.md, section Draining) and destroy the stack again. ` +
  `The log of this function names them all: ${left.map(({ what }) => what).join('; ')}`;
