/** One deployed stack in which a path is walked: who acts in it, and where the one fault strikes. */
import type { Call } from '../../emulator/wire.ts';
import { type Deployment, deployInProcess, type Invocation } from '../support/deployment.ts';
import { asJson, home, publicKey } from '../support/people.ts';
import { secretOf } from '../support/secret.ts';
import { minuteMs } from '../support/time.ts';
import { activationClaim } from './actors.ts';
import { Dice } from './dice.ts';
import { deliveryFaults, faultsOf, happens } from './faults.ts';
import { checkRest } from './final-state.ts';
import { isLive, type Row } from './ledger.ts';
import { Oracle } from './oracle.ts';

/** Every retry of a delivery is over, and what is cached is read anew. */
const quietMs = 10 * minuteMs;

export const ann = { claim: 'user#ann', user: 'ann', home: home, elsewhere: '198.51.100.77' };
const activation = { activationId: 'aid', activationRegion: 'us-east-1', activationCode: 'code' };

/** A call of a function, or a delivery to one, by its name and its number: `RunTask`, `PutItem #2`, `event to TaskStopped`. */
export interface Step {
  readonly name: string;
  readonly action: string;
  readonly faults: readonly string[];
}

/** The fault that happens to a step, if one does. */
export type Strike = (step: Step) => string | undefined;

interface Watch {
  /** The functions whose calls are steps. */
  readonly functions: readonly string[];
  readonly strike: Strike;
  /** How often a step of this kind has been. */
  readonly seen: Map<string, number>;
}

export class Scene {
  readonly oracle: Oracle;
  readonly #dice = new Dice(1);
  #bastions: Deployment | undefined;
  #watch: Watch | undefined;

  private constructor() {
    this.oracle = new Oracle(() => this.bastions);
  }

  static async open(assembly: string): Promise<Scene> {
    const scene = new Scene();
    scene.#bastions = await deployInProcess(assembly, {
      reaps: false,
      // Quick, so that there are few looks at a task that is still starting, and none needs to be left out.
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
    if (!this.#bastions) throw new Error('The stack is not deployed yet.');
    return this.#bastions;
  }

  get live(): Row[] {
    return [...this.oracle.ledger.rows.values()].filter(isLive);
  }

  /** Until `act` has come to its end, `strike` is asked at every step. */
  async watched<Result>(functions: readonly string[], strike: Strike, act: () => Promise<Result>): Promise<Result> {
    this.#watch = { functions, strike, seen: new Map() };
    try {
      return await act();
    } finally {
      this.#watch = undefined;
    }
  }

  /** Lets one fault happen in what leads up to a path. */
  async with(fault: string, at: string, by: string, act: () => Promise<unknown>): Promise<void> {
    let struck = false;
    const strike = ({ name }: Step) => {
      if (name !== at) return undefined;
      struck = true;
      return fault;
    };
    await this.watched([by], strike, act);
    if (!struck) throw new Error(`${by} made no ${at}.`);
  }

  /** Ann asks, and is told this. Her bastion lives for ten minutes if nothing else is said. */
  async ask(route: string, { from = ann.home, ttl = '10m' } = {}): Promise<string> {
    const request = { query: { user: ann.user, ttl }, body: publicKey(1), from, accept: asJson };
    const answer = await this.bastions.clock.run(this.oracle.ask(ann.claim, route, request));
    return answer ? String(answer.status) : 'no answer';
  }

  /** Where Ann's bastion is, if she has one that is ready. */
  async whereabouts(): Promise<{ host: string; port: number } | undefined> {
    const answer = await this.bastions.call('GET /', { query: { user: ann.user }, accept: asJson });
    return answer.status === 200 && answer.json.host !== undefined ? answer.json : undefined;
  }

  async startTarget(): Promise<string> {
    return this.#webhook('POST /start', activation);
  }

  async stopTarget(): Promise<string> {
    const [id] = [...this.oracle.ledger.rows.keys()].slice(-1);
    return this.#webhook('POST /stop', { containerId: id });
  }

  /** Whether the agent of this task was handed the whole activation. */
  wasHandedOver(taskArn: string | undefined): boolean {
    const received = this.bastions.containers.received(taskArn?.split('/').at(-1) ?? '');
    return (
      received?.ACTIVATION_ID === activation.activationId && received.ACTIVATION_CODE === activation.activationCode
    );
  }

  /** Whoever still has something stops it, and what was under way comes to its end; what is then left. */
  async leave(): Promise<string[]> {
    for (const { claim } of this.live) await (claim === ann.claim ? this.ask('DELETE /') : this.stopTarget());
    await this.bastions.clock.advance(quietMs);
    await this.pass();
    return this.left();
  }

  /** Who lives although nobody should, and what is left in AWS: a task that has not stopped has its interface. */
  left(): string[] {
    const { groups, interfaces } = this.bastions.aws.ec2;
    return [
      ...this.live.map(({ sessionId }) => `session ${sessionId} lives`),
      ...groups.all().flatMap(({ name, tags }) => (tags.has('bastion:stack') ? [`${name} is left`] : [])),
      ...interfaces.all().map(({ id }) => `${id} is left`),
    ];
  }

  /** A minute goes by, with the reaper in its middle. */
  async pass(): Promise<string> {
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

  /** What must never be and what must hold at rest, as far as either is amiss. The latter may still be put right. */
  async unrest(): Promise<string[]> {
    const { violations } = this.oracle;
    const before = violations.length;
    await checkRest(this.bastions, this.oracle);
    return violations.splice(before);
  }

  async #webhook(route: string, body: unknown): Promise<string> {
    const request = {
      headers: { authorization: `Basic ${await secretOf(this.bastions)}` },
      body: JSON.stringify(body),
    };
    const answer = await this.bastions.clock.run(this.oracle.ask(activationClaim(activation), route, request));
    return answer ? String(answer.status) : 'no answer';
  }

  #onCall(call: Call, proceed: () => Promise<unknown>, invocation: Invocation | undefined): Promise<unknown> {
    const watched = () => this.oracle.watch(call, proceed, invocation?.title);
    const step = this.#stepOf(call, invocation);
    const fault = step && this.#watch?.strike(step);
    if (fault === undefined) return watched();
    this.oracle.fault(invocation?.title ?? step?.name ?? '', fault);
    const now = { call, proceed: watched, clock: this.bastions.clock, dice: this.#dice };
    const deliver = deliveryFaults[fault];
    if (call.kind === 'delivery' && deliver) return deliver(now);
    if (!invocation) throw new Error(`Got the fault "${fault}" for ${step?.name}, expected one of a delivery.`);
    return happens(fault, { ...now, invocation });
  }

  #stepOf(call: Call, invocation: Invocation | undefined): Step | undefined {
    if (!this.#watch) return undefined;
    const { functions, seen } = this.#watch;
    if (call.kind === 'api' && !functions.includes(invocation?.title ?? '')) return undefined;
    const kind = call.kind === 'api' ? call.action : this.#deliveryOf(call);
    const nth = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, nth);
    return {
      name: nth === 1 ? kind : `${kind} #${nth}`,
      action: call.action,
      faults: call.kind === 'api' ? distinctFaultsOf(call.action) : Object.keys(deliveryFaults),
    };
  }

  #deliveryOf({ service, input }: Call): string {
    const name = String(Object(input).functionName).replace(/^.*:/, '');
    const title = this.bastions.stack.functions.find((fn) => fn.name === name)?.title ?? name;
    return `${service === 'events' ? 'event to' : 'invocation of'} ${title}`;
  }
}

/** A look has no effect: what happens after it is what happens before it. */
const distinctFaultsOf = (action: string): string[] =>
  faultsOf(action).filter((fault) => !/^(Get|Query|List|Describe)/.test(action) || !/ after it/.test(fault));
