/** What can go wrong with one call or one delivery, and how often. */
import { AwsError, type Call } from '../../local/aws/wire.ts';
import type { VirtualClock } from '../../local/clock.ts';
import type { Invocation } from '../support/deployment.ts';
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

function throttled({ service, action }: Call): AwsError {
  if (service === 'ec2') return new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
  if (service === 'lambda') return new AwsError('TooManyRequestsException', 'Rate exceeded', 429);
  return new AwsError('ThrottlingException', `Rate exceeded for ${action}`);
}

/** Every fault of an API call. Those with `only` fit that action alone. */
export const callFaults: Readonly<
  Record<string, { readonly only?: string; readonly happen: (now: Circumstances) => Promise<unknown> }>
> = {
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
    only: 'RunTask',
    happen: async () => ({ tasks: [], failures: [{ reason: 'Capacity is unavailable at this time.' }] }),
  },
  missing: {
    only: 'DescribeTasks',
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
    const again = clock.sleep(dice.between(0, 20_000)).then(proceed);
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
}

/** Draws whether something happens to a call, and what. `note` hears of each fault. */
export function faultInjector(
  { clock, dice }: { clock: VirtualClock; dice: Dice },
  rates: FaultRates,
  note: (what: string) => void,
) {
  return (call: Call, proceed: Proceed, invocation: Invocation | undefined): Promise<unknown> => {
    if (call.kind === 'delivery') {
      if (!dice.chance(rates.delivery)) return proceed();
      const [name, happen] = dice.pick(Object.entries(deliveryFaults));
      note(`${call.service} ${call.action}: ${name}`);
      return happen({ proceed, clock, dice });
    }
    if (!invocation || !dice.chance(rates.call)) return proceed();
    const fitting = Object.entries(callFaults).filter(([, { only }]) => only === undefined || only === call.action);
    const [name, { happen }] = dice.pick(fitting);
    note(`${invocation.title} ${call.action}: ${name}`);
    return happen({ call, proceed, clock, dice, invocation });
  };
}
