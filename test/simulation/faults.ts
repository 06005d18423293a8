/** What can go wrong with one call or one delivery, and how often. */

import type { VirtualClock } from '../../emulator/clock.ts';
import { AwsError, type Call } from '../../emulator/wire.ts';
import type { Invocation } from '../support/deployment.ts';
import { secondMs } from '../support/time.ts';
import type { Dice } from './dice.ts';

type Proceed = () => Promise<unknown>;

interface Circumstances {
  readonly call: Call;
  readonly proceed: Proceed;
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly invocation: Invocation;
}

const never = () => new Promise<never>(() => {});

/** As Node says it. */
const lostConnection = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** Lambda throws the environment away; nothing of this invocation goes on. */
function kill(invocation: Invocation): Promise<never> {
  invocation.isDead = true;
  return never();
}

/** A refusal that nobody waits for is no news; anything else is a bug of the emulation or of the judge. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof AwsError)) throw error;
}

function throttled({ service, action }: Call): AwsError {
  if (service === 'ec2') return new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
  if (service === 'lambda') return new AwsError('TooManyRequestsException', 'Rate exceeded', 429);
  return new AwsError('ThrottlingException', `Rate exceeded for ${action}`);
}

interface CallFault {
  /** The actions it fits; every one when absent. */
  readonly only?: readonly string[];
  readonly happen: (now: Circumstances) => Promise<unknown>;
}

/** A call that is under way when the starter gives up (its function has 29 s) is done before the start lease of 60 s is over. */
const latestEffectMs = 25 * secondMs;
/** The clients' own, `requestTimeout` in `lambdas/runtime.ts`. */
const timeoutMs = 5000;

/** Every fault of an API call. */
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
  // Whoever calls may give up before AWS does: the call has its effect when nobody waits for it any more.
  'time-out before its effect': {
    only: ['CreateSecurityGroup', 'AuthorizeSecurityGroupIngress', 'RunTask', 'StopTask', 'Invoke'],
    happen: async ({ proceed, clock, dice }) => {
      clock.after(dice.between(timeoutMs, latestEffectMs), () => void proceed().catch(unlessRefused));
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
  'no capacity': {
    only: ['RunTask'],
    happen: async () => ({ tasks: [], failures: [{ reason: 'Capacity is unavailable at this time.' }] }),
  },
  missing: {
    only: ['DescribeTasks'],
    happen: async ({ call }) => ({
      tasks: [],
      failures: Object(call.input).tasks.map((arn: string) => ({ arn, reason: 'MISSING' })),
    }),
  },
};

/** Every fault of a delivery: an event, a schedule or an asynchronous invocation on its way to a function. */
export const deliveryFaults: Readonly<
  Record<string, (now: Pick<Circumstances, 'proceed' | 'clock' | 'dice'>) => Promise<unknown>>
> = {
  lost: async () => undefined,
  'delivered twice': async ({ proceed, clock, dice }) => {
    const again = clock.sleep(dice.chance(0.5) ? 0 : dice.between(0, 20_000)).then(proceed);
    await Promise.all([proceed(), again]);
  },
  late: async ({ proceed, clock, dice }) => {
    await clock.sleep(dice.between(1000, 90_000));
    return proceed();
  },
};

export interface FaultRates {
  /** Share of calls, and of deliveries, that something happens to. */
  readonly call: number;
  readonly delivery: number;
  /** A call takes up to this long before its effect, and up to this long after it. No fault, but what makes two meet. */
  readonly latencyMs: number;
}

/** Share of faults that outlast the SDK's retries: every call of that action, in that invocation, meets the same. */
const lasting = 0.5;

/** Draws whether something happens to a call, and what. `note` hears of each fault. */
export function faultInjector(
  { clock, dice }: { clock: VirtualClock; dice: Dice },
  rates: FaultRates,
  note: (victim: string, what: string) => void,
) {
  const agents = new Agents();
  const lastingFaults = new WeakMap<Invocation, { readonly action: string; readonly name: string }>();

  function drawFault({ action }: Call, invocation: Invocation): string | undefined {
    const earlier = lastingFaults.get(invocation);
    if (earlier?.action === action) return earlier.name;
    if (!dice.chance(rates.call)) return undefined;
    const fitting = faultsOf(action).filter((one) => !agents.has(invocation) || !one.startsWith('function killed'));
    const name = dice.pick(fitting);
    if (dice.chance(lasting)) lastingFaults.set(invocation, { action, name });
    return name;
  }

  async function takingItsTime(proceed: Proceed): Promise<unknown> {
    if (rates.latencyMs === 0) return proceed();
    await clock.sleep(dice.between(0, rates.latencyMs));
    try {
      return await proceed();
    } finally {
      await clock.sleep(dice.between(0, rates.latencyMs));
    }
  }

  return (call: Call, proceed: Proceed, invocation: Invocation | undefined): Promise<unknown> => {
    if (call.kind === 'delivery') {
      if (!dice.chance(rates.delivery)) return proceed();
      const [name, happen] = dice.pick(Object.entries(deliveryFaults));
      note(String(Object(call.input).functionName).replace(/^.*:/, ''), `delivered by ${call.service}: ${name}`);
      return happen({ proceed, clock, dice });
    }
    const caller = invocation ?? agents.callerOf(call);
    if (!caller) return proceed();
    const fault = drawFault(call, caller);
    if (fault === undefined) return takingItsTime(proceed);
    note(caller.title, `${call.action}: ${fault}`);
    return happens(fault, { call, proceed: () => takingItsTime(proceed), clock, dice, invocation: caller });
  };
}

/** As the one that a fault happens to. */
export const agentOf = (taskId: string): string => `agent of ${taskId}`;

/** What runs in a task and takes its handoff. It is no function, and ends by itself when it can't have it. */
class Agents {
  readonly #byTask = new Map<string, Invocation>();

  /** Told by the handoff's key, `<role id>:<task id>`: nobody but an agent and the functions touches one. */
  callerOf({ action, input }: Call): Invocation | undefined {
    const [, taskId] = /^[^:#]+:([0-9a-f]{32})$/.exec(Object(input).Key?.pk?.S ?? '') ?? [];
    if (taskId === undefined || !/^(Get|Delete)Item$/.test(action)) return undefined;
    const agent = this.#byTask.get(taskId) ?? { title: agentOf(taskId), isDead: false };
    this.#byTask.set(taskId, agent);
    return agent;
  }

  has(caller: Invocation): boolean {
    return [...this.#byTask.values()].includes(caller);
  }
}

/** The names of what can happen to a call of this action. */
export const faultsOf = (action: string): string[] =>
  Object.keys(callFaults).filter((name) => callFaults[name]?.only?.includes(action) ?? true);

/** Lets the fault of this name happen. */
export function happens(name: string, now: Circumstances): Promise<unknown> {
  const fault = callFaults[name];
  if (!fault) throw new Error(`There is no fault "${name}".`);
  return fault.happen(now);
}
