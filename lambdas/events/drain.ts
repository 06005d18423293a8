/**
 * CloudFormation's requests about the one resource that stands for "no session is left". Creating it does nothing. Deleting
 * it drains. CloudFormation waits for the answer, and then deletes what sessions live in.
 */
import * as v from 'valibot';
import type { DrainEvent } from '../../contracts/stack.ts';
import { type DrainPorts, drain, type Leftover } from '../core/end/drain.ts';
import { startLeaseMs } from '../core/session/session.ts';

/** The two ways to deal with a request. CloudFormation waits until it is answered. */
export interface StackRequests {
  /** @param failure why the request failed; absent on success */
  answer(request: DrainEvent, failure?: string): Promise<void>;
  /** Has another invocation continue with the request. */
  continueLater(request: DrainEvent): Promise<void>;
}

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

/** Fargate has kept a stopped task's network interface for a quarter of an hour. Waiting longer than twice that is in vain. */
const drainForMs = 30 * minuteMs;
/** One invocation's share of that: Lambda ends an invocation after 15 minutes. */
export const invocationForMs = 13 * minuteMs;

export function drainHandler(ports: DrainPorts, requests: StackRequests) {
  return async (event: unknown): Promise<void> => {
    const request: DrainEvent = v.parse(drainEvent, event);
    if (request.RequestType !== 'Delete') return requests.answer(request);
    const now = ports.clock.now();
    const answerBy = request.answerBy ?? now + drainForMs;
    const leftovers = await drain(ports, {
      settledAt: answerBy - drainForMs + startLeaseMs,
      until: Math.min(answerBy, now + invocationForMs),
    });
    if (leftovers.length === 0) return requests.answer(request);
    const isHopeless = leftovers.every(({ isKept }) => isKept);
    if (isHopeless || ports.clock.now() + minuteMs > answerBy) return requests.answer(request, inWords(leftovers));
    await requests.continueLater({ ...request, answerBy });
  };
}

/** The advice comes first, because CloudFormation cuts a long reason off at its end. */
const inWords = (leftovers: readonly Leftover[]): string =>
  `Still there: ${leftovers.length}. See to them (docs/runbook.md, section Draining) and destroy the stack again. ` +
  `The log of this function names them all: ${leftovers.map(({ what }) => what).join('; ')}`;
