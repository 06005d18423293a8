import * as v from 'valibot';
import type { ConvergePorts } from '../core/end/converge.ts';
import { tearDown } from '../core/end/tear-down.ts';

const teardownEvent = v.object({ sessionId: v.string() });

/** Handles an asynchronous invocation. Lambda retries a failure, and keeps what fails for good in the failure queue. */
export function teardownHandler(ports: ConvergePorts) {
  return async (event: unknown): Promise<void> => tearDown(ports, v.parse(teardownEvent, event).sessionId);
}
