/** The surroundings of every function: clock, random ids, host keys, log, metrics, HTTP, and how the clients of the SDK behave. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConfig } from './aws/clients.ts';
import type { Fetch } from './aws/cloudformation/stack-requests.ts';
import { JsonLog } from './aws/cloudwatch/json-log.ts';
import { LogMetrics } from './aws/cloudwatch/log-metrics.ts';
import type { Clock, Fingerprints, HostKeyMaker, Ids, Log, Metrics } from './core/session/ports.ts';
import { fingerprintOf } from './fingerprint.ts';
import { makeHostKeys } from './host-keys.ts';

export interface Runtime {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hostKeys: HostKeyMaker;
  readonly fingerprints: Fingerprints;
  readonly log: Log;
  /** The metrics of a stack, by its name. */
  readonly metrics: (stack: string) => Metrics;
  readonly fetch: Fetch;
  /** Configures every client of the SDK. */
  readonly sdk: ClientConfig;
}

/**
 * Bounds every call: three tries of a few seconds, within the function's own timeout. A throttled client slows down by itself,
 * also between calls, because the account's rates belong to others too.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const bounded = {
  maxAttempts: 3,
  retryMode: 'adaptive',
  requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
} satisfies ClientConfig;

/** The runtime in Lambda. */
export function lambdaRuntime(functionName: string): Runtime {
  return {
    clock: { now: Date.now, sleep: async (ms) => void (await sleep(ms)) },
    ids: { next: randomUUID },
    hostKeys: { make: makeHostKeys },
    fingerprints: { of: fingerprintOf },
    log: new JsonLog(functionName),
    metrics: (stack) => new LogMetrics(stack),
    fetch,
    sdk: bounded,
  };
}
