/** One deployed stack in which Ann or a webhook walks a path, while at most one chosen fault hits a step. */
import type { Call } from '../../emulator/wire.ts';
import { type Deployment, deployInProcess, type Invocation } from '../support/deployment.ts';
import { putsHandoff } from '../support/handoffs.ts';
import { asJson, home, publicKey } from '../support/people.ts';
import { secretOf } from '../support/secret.ts';
import { minuteMs } from '../support/time.ts';
import { activationClaim } from './actors.ts';
import { Dice } from './dice.ts';
import { Agents } from './fault-injector.ts';
import { callWithFault, deliveryFaults, faultsOf } from './faults.ts';
import { checkFinalState } from './final-state.ts';
import { isLive, type Row } from './ledger.ts';
import { Oracle } from './oracle.ts';

/** By then every retry of a delivery is over, and every cache is read anew. */
const quietMs = 10 * minuteMs;

export const ann = { claim: 'user#ann', user: 'ann', home, elsewhere: '198.51.100.77' };
const activation = { activationId: 'aid-1-1', activationRegion: 'us-east-1', activationCode: 'code-1-1' };

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

export class Scene {
  readonly oracle: Oracle;
  readonly #dice = new Dice(1);
  readonly #agents = new Agents();
  #bastions: Deployment | undefined;
  #walk: Walk | undefined;

  private constructor() {
    this.oracle = new Oracle(() => this.bastions);
  }

  static async open(assembly: string): Promise<Scene> {
    const scene = new Scene();
    scene.#bastions = await deployInProcess(assembly, {
      reaps: false,
      // Short delays keep the looks at a starting task few, so that the table can have every one of them.
      delays: { provisioningMs: 100, pendingMs: 100, pullingMs: 100 },
      onCall: (call, proceed, invocation) => scene.#onCall(call, proceed, invocation),
    });
    scene.oracle.begin();
    return scene;
  }

  close(): Promise<void> {
    return this.bastions.aws.close();
  }

  get bastions(): Deployment {
    if (!this.#bastions) throw new Error('Got a call before the stack was deployed, expected it after.');
    return this.#bastions;
  }

  get liveRows(): Row[] {
    return [...this.oracle.ledger.rows.values()].filter(isLive);
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

  /** Runs `act`, which leads up to a path, while `fault` hits one step of one function. */
  async withFault(fault: string, stepName: string, title: string, act: () => Promise<unknown>): Promise<void> {
    let wasHit = false;
    const chooseFault = ({ name }: Step) => {
      if (name !== stepName) return undefined;
      wasHit = true;
      return fault;
    };
    await this.walk([title], chooseFault, act);
    if (!wasHit) throw new Error(`${title} made no ${stepName}, expected one for the fault "${fault}" to hit.`);
  }

  /** Sends a request of Ann's. Her bastion lives for ten minutes unless `ttl` says otherwise. @returns the reply's status */
  ask(route: string, options: { from?: string; ttl?: string } = {}): Promise<string> {
    return this.bastions.clock.run(this.asking(route, options));
  }

  /** The same for a clock that runs already. */
  async asking(route: string, { from = ann.home, ttl = '10m' } = {}): Promise<string> {
    const query = { user: ann.user, ...(route === 'POST /' && { ttl }) };
    const request = { query, body: publicKey(1), from, accept: asJson };
    const reply = await this.oracle.ask(ann.claim, route, request);
    return reply ? String(reply.status) : 'no answer';
  }

  /** The address of Ann's bastion; undefined if none is ready. */
  async readyHost(): Promise<{ host: string; port: number } | undefined> {
    const reply = await this.bastions.call('GET /', { query: { user: ann.user }, accept: asJson });
    return reply.status === 200 && reply.json.host !== undefined ? reply.json : undefined;
  }

  async startTarget(): Promise<string> {
    return this.#webhook('POST /start', activation);
  }

  async stopTarget(): Promise<string> {
    const [id] = [...this.oracle.ledger.rows.keys()].slice(-1);
    return this.#webhook('POST /stop', { containerId: id });
  }

  /** Whether the agent of this task received the whole activation. */
  hasActivation(taskArn: string | undefined): boolean {
    const received = this.bastions.containers.received(taskArn?.split('/').at(-1) ?? '');
    return (
      received?.ACTIVATION_ID === activation.activationId && received.ACTIVATION_CODE === activation.activationCode
    );
  }

  /** Stops every live session and waits until all work has ended. @returns what remains: see `leftovers` */
  async stopAll(): Promise<string[]> {
    for (const { claim } of this.liveRows) await (claim === ann.claim ? this.ask('DELETE /') : this.stopTarget());
    await this.bastions.clock.advance(quietMs);
    await this.reap();
    return this.leftovers();
  }

  /** Every session that lives, and everything of sessions in AWS, one line each. A task that runs has its interface. */
  leftovers(): string[] {
    const { groups, interfaces } = this.bastions.aws.ec2;
    return [
      ...this.liveRows.map(({ sessionId }) => `session ${sessionId} lives`),
      ...groups.all().flatMap(({ name, tags }) => (tags.has('bastion:stack') ? [`${name} is left`] : [])),
      ...interfaces.all().map(({ id }) => `${id} is left`),
    ];
  }

  /** Lets time pass until the clock shows full ten minutes, so that each walk meets the reaper's rarer duties at the same steps. */
  async align(): Promise<void> {
    const { clock } = this.bastions;
    await clock.advance(10 * minuteMs - (clock.now() % (10 * minuteMs)));
  }

  /** Lets a minute pass, with a pass of the reaper in its middle. */
  async reap(): Promise<string> {
    await this.bastions.clock.advance(minuteMs / 2);
    const { functionError } = await this.bastions.invoke('Reaper');
    await this.bastions.clock.advance(minuteMs / 2);
    return functionError ? 'reaper failed' : 'reaper done';
  }

  async sweep(): Promise<string> {
    await this.bastions.clock.advance(10 * minuteMs);
    const { functionError } = await this.bastions.invoke('Sweeper', { dryRun: false });
    return functionError ? 'sweeper failed' : 'sweeper done';
  }

  /** The violations of the final state as it is now. They do not count yet: a later pass may still end them. */
  async finalStateViolations(): Promise<string[]> {
    const { violations } = this.oracle;
    const earlier = violations.length;
    await checkFinalState(this.bastions, this.oracle);
    return violations.splice(earlier);
  }

  async #webhook(route: string, body: unknown): Promise<string> {
    const request = {
      headers: { authorization: `Basic ${await secretOf(this.bastions)}` },
      body: JSON.stringify(body),
    };
    const reply = await this.bastions.clock.run(this.oracle.ask(activationClaim(activation), route, request));
    return reply ? String(reply.status) : 'no answer';
  }

  #onCall(call: Call, proceed: () => Promise<unknown>, invocation: Invocation | undefined): Promise<unknown> {
    const watch = () => this.oracle.watch(call, proceed, invocation?.title);
    const caller = invocation ?? this.#agents.callerOf(call);
    const step = this.#stepOf(call, caller);
    const fault = step && this.#walk?.chooseFault(step);
    if (fault === undefined) return watch();
    this.oracle.fault(caller?.title ?? step?.name ?? '', `${call.action}: ${fault}`);
    const circumstances = { call, proceed: watch, clock: this.bastions.clock, dice: this.#dice };
    const deliver = deliveryFaults[fault];
    if (call.kind === 'delivery' && deliver) return deliver(circumstances);
    if (!caller) throw new Error(`Got the fault "${fault}" for ${step?.name}, expected a fault of a delivery.`);
    return callWithFault(fault, { ...circumstances, invocation: caller });
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
    const title = this.bastions.stack.functions.find((fn) => fn.name === name)?.title ?? name;
    return `${service === 'events' ? 'event to' : 'invocation of'} ${title}`;
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
