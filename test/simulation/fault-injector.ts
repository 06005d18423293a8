/** Draws faults for the calls and deliveries of a world. */
import type { VirtualClock } from '../../emulator/clock.ts';
import type { Call } from '../../emulator/wire.ts';
import type { Invocation } from '../support/deployment.ts';
import type { Dice } from './dice.ts';
import { callWithFault, deliveryFaults, faultsOf, type Proceed } from './faults.ts';
import { isAgents, taskIdIn } from './ledger.ts';

export interface FaultRates {
  /** The share of calls that a fault hits. */
  readonly call: number;
  /** The share of deliveries that a fault hits. */
  readonly delivery: number;
  /** A call takes up to this long before its effect, and up to this long after it. So two requests meet halfway. */
  readonly latencyMs: number;
}

/** The share of faults that outlast the SDK's retries. They hit every further call of that action in that invocation. */
const lastingShare = 0.5;

/** Draws the fault of each call and delivery. @param note is called with each fault and its victim's title */
export function faultInjector(
  { clock, dice }: { clock: VirtualClock; dice: Dice },
  rates: FaultRates,
  note: (victim: string, description: string) => void,
) {
  const agents = new Agents();
  const lastingFaults = new WeakMap<Invocation, { readonly action: string; readonly name: string }>();

  function drawFault(call: Call, invocation: Invocation): string | undefined {
    const { action } = call;
    const earlier = lastingFaults.get(invocation);
    if (earlier?.action === action && faultsOf(call).includes(earlier.name)) return earlier.name;
    if (!dice.chance(rates.call)) return undefined;
    const names = faultsOf(call).filter((one) => !agents.has(invocation) || !one.startsWith('function killed'));
    const name = dice.pick(names);
    if (dice.chance(lastingShare)) lastingFaults.set(invocation, { action, name });
    return name;
  }

  async function withLatency(proceed: Proceed): Promise<unknown> {
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
    if (fault === undefined) return withLatency(proceed);
    note(caller.title, `${call.action}: ${fault}`);
    return callWithFault(fault, { call, proceed: () => withLatency(proceed), clock, dice, invocation: caller });
  };
}

/** The title of a task's agent, as the victim of a fault. */
export const agentTitle = (taskId: string): string => `agent of ${taskId}`;

/** The agents in the tasks, each of which takes its handoff. An agent ends by itself when it can't have it. */
export class Agents {
  readonly #byTask = new Map<string, Invocation>();

  /** Finds the agent that makes a call for which there is no invocation. */
  callerOf(call: Call): Invocation | undefined {
    const taskId = taskIdIn(call);
    if (taskId === undefined || !isAgents(call)) return undefined;
    const agent = this.#byTask.get(taskId) ?? { title: agentTitle(taskId), isDead: false };
    this.#byTask.set(taskId, agent);
    return agent;
  }

  has(caller: Invocation): boolean {
    return [...this.#byTask.values()].includes(caller);
  }
}
