/** What a function finds around it, whatever it does: a clock, random ids, a log, and how the SDK's clients behave. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ECSClientConfig } from '@aws-sdk/client-ecs';
import { JsonLog } from './aws/cloudwatch/json-log.ts';
import type { Clock, Ids, Log } from './core/session/ports.ts';

export interface World {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** What every SDK client is made with. */
  readonly sdk: Pick<
    ECSClientConfig,
    'endpoint' | 'region' | 'credentials' | 'requestHandler' | 'maxAttempts' | 'retryMode'
  >;
}

/**
 * Every call is bounded: three tries of a few seconds, within the function's own timeout. A client that is throttled slows
 * down by itself, also between calls, because the account's rates belong to others too.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const bounded = {
  maxAttempts: 3,
  retryMode: 'adaptive',
  requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
};

export function realWorld(functionName: string): World {
  return {
    clock: { now: Date.now, sleep: async (ms) => void (await sleep(ms)) },
    ids: { next: randomUUID },
    log: new JsonLog(functionName),
    sdk: bounded,
  };
}
