/** Every fault that can hit one call or one delivery. */
import type { VirtualClock } from '../../emulator/clock.ts';
import { AwsError, type Call } from '../../emulator/wire.ts';
import type { Invocation } from '../support/deployment.ts';
import { putsHandoff } from '../support/handoffs.ts';
import { secondMs } from '../support/time.ts';
import { type IsUnprocessed, keysOf, leaveUnprocessed } from '../support/unprocessed.ts';
import type { Dice } from './dice.ts';

export type Proceed = () => Promise<unknown>;

/** The call that a fault hits, and the means to carry it out. */
export interface Circumstances {
  readonly call: Call;
  readonly proceed: Proceed;
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly invocation: Invocation;
}

const never = () => new Promise<never>(() => {});

/** The error that Node reports for a broken connection. */
const lostConnection = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** Lambda throws the environment away. No code of this invocation runs any more. */
function kill(invocation: Invocation): Promise<never> {
  invocation.isDead = true;
  return never();
}

/** Ignores a refusal by AWS: the caller has given up. Any other error is a bug of the emulator or of the judge. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof AwsError)) throw error;
}

function throttled({ service, action }: Call): AwsError {
  if (service === 'ec2') return new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
  if (service === 'lambda') return new AwsError('TooManyRequestsException', 'Rate exceeded', 429);
  return new AwsError('ThrottlingException', `Rate exceeded for ${action}`);
}

const leavesUnprocessed =
  (isUnprocessed: IsUnprocessed) =>
  ({ call, proceed }: Circumstances): Promise<unknown> =>
    leaveUnprocessed(call, proceed, isUnprocessed);

/** A batch of which AWS may answer a part. */
const hasSeveral = (call: Call): boolean =>
  (call.action === 'BatchGetItem' ? keysOf(call) : Object(call.input).tasks).length > 1;

interface CallFault {
  /** The actions that the fault can hit. Default: every action. */
  readonly only?: readonly string[];
  /** Whether the fault can hit this call of such an action. Default: it can. */
  readonly fits?: (call: Call) => boolean;
  readonly happen: (circumstances: Circumstances) => Promise<unknown>;
}

/** A start function has 29 s. A call in flight at its end has its effect before the start lease of 60 s is over. */
const latestEffectMs = 25 * secondMs;
/** An agent deletes its handoff once more 20 s after it took it, which it can't do before a second try of the write. */
const latestWriteMs = 20 * secondMs;
/** `requestTimeout` in `lambdas/runtime.ts`, which every client of the functions uses. */
const timeoutMs = 5000;

/** Every fault of an API call, by its name. */
const callFaults: Readonly<Record<string, CallFault>> = {
  'error before its effect': {
    happen: async () => {
      throw new AwsError('InternalFailure', 'An internal error has occurred', 500);
    },
  },
  'error after its effect': {
    happen: async ({ proceed }) => {
      await proceed();
      throw new AwsError('InternalFailure', 'An internal error has occurred', 500);
    },
  },
  'connection lost before its effect': {
    happen: async () => {
      throw lostConnection();
    },
  },
  'connection lost after its effect': {
    happen: async ({ proceed }) => {
      await proceed();
      throw lostConnection();
    },
  },
  // The caller gives up before AWS does. The call has its effect later. A late write of a row fails its condition.
  'time-out before its effect': {
    only: [
      'CreateSecurityGroup',
      'AuthorizeSecurityGroupIngress',
      'RunTask',
      'StopTask',
      'Invoke',
      'PutItem',
      'UpdateItem',
      'TransactWriteItems',
    ],
    fits: (call) => call.action !== 'PutItem' || putsHandoff(call),
    happen: async ({ call, proceed, clock, dice }) => {
      const latestMs = call.action === 'PutItem' ? latestWriteMs : latestEffectMs;
      clock.after(dice.between(timeoutMs, latestMs), () => void proceed().catch(ignoreRefusal));
      await clock.sleep(timeoutMs);
      throw Object.assign(new Error('Request timed out'), { name: 'TimeoutError' });
    },
  },
  throttled: {
    happen: async ({ call }) => {
      throw throttled(call);
    },
  },
  slow: {
    happen: async ({ proceed, clock, dice }) => {
      await clock.sleep(dice.between(200, 4000));
      return proceed();
    },
  },
  'function killed before it': { happen: ({ invocation }) => kill(invocation) },
  'function killed after it': {
    happen: async ({ proceed, invocation }) => {
      await proceed();
      return kill(invocation);
    },
  },
  'event refused': {
    only: ['PutEvents'],
    happen: async ({ call }) => {
      const entries: readonly unknown[] = Object(call.input).Entries;
      return { FailedEntryCount: entries.length, Entries: entries.map(() => ({ ErrorCode: 'ThrottlingException' })) };
    },
  },
  'no capacity': {
    only: ['RunTask'],
    happen: async () => ({ tasks: [], failures: [{ reason: 'Capacity is unavailable at this time.' }] }),
  },
  'rows unprocessed': { only: ['BatchGetItem'], happen: leavesUnprocessed((table) => table.includes('Sessions')) },
  'handoff unprocessed': {
    only: ['BatchGetItem'],
    fits: (call) => JSON.stringify(call.input).includes('Handoff'),
    happen: leavesUnprocessed((table) => table.includes('Handoff')),
  },
  'all unprocessed': { only: ['BatchGetItem'], happen: leavesUnprocessed(() => true) },
  'every second key unprocessed': {
    only: ['BatchGetItem'],
    fits: hasSeveral,
    happen: leavesUnprocessed((_, n) => n % 2 === 1),
  },
  missing: {
    only: ['DescribeTasks'],
    happen: async ({ call }) => ({
      tasks: [],
      failures: Object(call.input).tasks.map((arn: string) => ({ arn, reason: 'MISSING' })),
    }),
  },
  'every second one missing': {
    only: ['DescribeTasks'],
    fits: hasSeveral,
    happen: async ({ call, proceed }) => {
      const isMissing = (arn: string) => Object(call.input).tasks.indexOf(arn) % 2 === 1;
      const { tasks, failures } = Object(await proceed());
      return {
        tasks: tasks.filter(({ taskArn }: { taskArn: string }) => !isMissing(taskArn)),
        failures: [
          ...failures.filter(({ arn }: { arn: string }) => !isMissing(arn)),
          ...Object(call.input)
            .tasks.filter(isMissing)
            .map((arn: string) => ({ arn, reason: 'MISSING' })),
        ],
      };
    },
  },
};

/** Every fault of a delivery, by its name. A delivery is an event, a schedule or an asynchronous invocation. */
export const deliveryFaults: Readonly<
  Record<string, (circumstances: Pick<Circumstances, 'proceed' | 'clock' | 'dice'>) => Promise<unknown>>
> = {
  lost: async () => undefined,
  'delivered twice': async ({ proceed, clock, dice }) => {
    const second = clock.sleep(dice.chance(0.5) ? 0 : dice.between(0, 20_000)).then(proceed);
    await Promise.all([proceed(), second]);
  },
  late: async ({ proceed, clock, dice }) => {
    await clock.sleep(dice.between(1000, 90_000));
    return proceed();
  },
};

/** The names of the faults that can hit a call. */
export const faultsOf = (call: Call): string[] =>
  Object.entries(callFaults).flatMap(([name, { only, fits }]) =>
    (only?.includes(call.action) ?? true) && (fits?.(call) ?? true) ? [name] : [],
  );

/** Answers a call with the fault of this name. */
export function callWithFault(name: string, circumstances: Circumstances): Promise<unknown> {
  const fault = callFaults[name];
  if (!fault) throw new Error(`Got the fault "${name}", expected one of: ${Object.keys(callFaults).join(', ')}.`);
  return fault.happen(circumstances);
}
