/** The steps of a path: the calls of its functions and agents, and the deliveries, each of which a fault can hit. */
import type { Call } from '../../emulator/wire.ts';
import type { Invocation } from '../support/deployment.ts';
import { putsHandoff } from '../support/handoffs.ts';
import { Agents } from './fault-injector.ts';
import { deliveryFaults, faultsOf } from './faults.ts';

/** A call of a function or agent, or a delivery, by kind and number: `RunTask`, `PutItem #2`, `event to TaskStopped`. */
export interface Step {
  readonly name: string;
  readonly action: string;
  /** The names of the faults that can hit it. */
  readonly faults: readonly string[];
}

/** Chooses the fault that hits a step; undefined for none. */
export type ChooseFault = (step: Step) => string | undefined;

interface Walk {
  /** The titles of the functions whose calls are steps, and `agent` for those of agents. */
  readonly functions: readonly string[];
  readonly chooseFault: ChooseFault;
  /** How many steps of each kind there have been. */
  readonly counts: Map<string, number>;
}

/** A step, who makes it, and the fault that is chosen for it. */
export interface Struck {
  readonly step: Step;
  /** Undefined for a delivery. */
  readonly caller: Invocation | undefined;
  readonly fault: string;
}

export class Steps {
  readonly #agents = new Agents();
  readonly #titleOf: (functionName: string) => string;
  #walk: Walk | undefined;

  /** @param titleOf returns the title of the function with this name */
  constructor(titleOf: (functionName: string) => string) {
    this.#titleOf = titleOf;
  }

  /** Runs `act`. `chooseFault` is asked at every step until it ends. */
  async walk<Result>(
    functions: readonly string[],
    chooseFault: ChooseFault,
    act: () => Promise<Result>,
  ): Promise<Result> {
    this.#walk = { functions, chooseFault, counts: new Map() };
    try {
      return await act();
    } finally {
      this.#walk = undefined;
    }
  }

  /** Returns undefined for a call that is no step, or that no fault hits. */
  strike(call: Call, invocation: Invocation | undefined): Struck | undefined {
    const caller = invocation ?? this.#agents.callerOf(call);
    const step = this.#stepOf(call, caller);
    const fault = step && this.#walk?.chooseFault(step);
    return step && fault !== undefined ? { step, caller, fault } : undefined;
  }

  #stepOf(call: Call, caller: Invocation | undefined): Step | undefined {
    if (!this.#walk) return undefined;
    const { functions, counts } = this.#walk;
    const isAgent = caller !== undefined && this.#agents.has(caller);
    const title = isAgent ? 'agent' : caller?.title;
    if (call.kind === 'api' && (title === undefined || !functions.includes(title))) return undefined;
    const kind = call.kind === 'delivery' ? this.#deliveryOf(call) : nameOf(call, title);
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return {
      name: count === 1 ? kind : `${kind} #${count}`,
      action: call.action,
      faults: call.kind === 'api' ? distinctFaultsOf(call, isAgent) : Object.keys(deliveryFaults),
    };
  }

  #deliveryOf({ service, input }: Call): string {
    const name = String(Object(input).functionName).replace(/^.*:/, '');
    return `${service === 'events' ? 'event to' : 'invocation of'} ${this.#titleOf(name)}`;
  }
}

/** The handoff is the one item whose writes and deletions have a name of their own. */
function nameOf(call: Call, title: string | undefined): string {
  if (title === 'agent') return `${call.action} by the agent`;
  return putsHandoff(call) ? 'PutItem of the handoff' : call.action;
}

/** A call that only reads has no effect. For it a fault after the effect equals the same fault before it. */
const distinctFaultsOf = (call: Call, isAgent: boolean): string[] =>
  faultsOf(call).filter(
    (fault) =>
      !(isAgent && fault.startsWith('function killed')) &&
      !(/^(Get|BatchGet|Query|List|Describe)/.test(call.action) && / after it/.test(fault)),
  );
