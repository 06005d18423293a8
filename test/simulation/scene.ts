/** One deployed stack in which Ann or a webhook walks a path, while at most one chosen fault hits a step. */
import type { Call } from '../../emulator/wire.ts';
import { type Deployment, deployInProcess, type Invocation } from '../support/deployment.ts';
import { asJson, home, publicKey } from '../support/people.ts';
import { secretOf } from '../support/secret.ts';
import { hourMs, minuteMs, secondMs } from '../support/time.ts';
import { activationClaim } from './actors.ts';
import { Dice } from './dice.ts';
import { callWithFault, deliveryFaults } from './faults.ts';
import { checkFinalState } from './final-state.ts';
import { isLive, isUntaken, type Row } from './ledger.ts';
import { Oracle } from './oracle.ts';
import { type ChooseFault, type Step, Steps } from './steps.ts';

/** By then every retry of a delivery is over, and every cache is read anew. */
const quietMs = 10 * minuteMs;
/** Longer than any path. */
const poolMaxAgeMs = 8 * hourMs;

export const ann = { claim: 'user#ann', user: 'ann', home, elsewhere: '198.51.100.77' };
const activation = { activationId: 'aid-1-1', activationRegion: 'us-east-1', activationCode: 'code-1-1' };

export class Scene {
  readonly oracle: Oracle;
  readonly #dice = new Dice(1);
  readonly #steps = new Steps((name) => this.bastions.stack.functions.find((fn) => fn.name === name)?.title ?? name);
  #bastions: Deployment | undefined;

  private constructor(poolSize: number) {
    this.oracle = new Oracle(() => this.bastions, {
      pool: { size: poolSize, maxAgeMs: poolMaxAgeMs },
      isReaped: false,
    });
  }

  /** @param assembly folder of the stack, synthesized with a pool @param poolSize bastions that it keeps */
  static async open(assembly: string, poolSize: number): Promise<Scene> {
    const scene = new Scene(poolSize);
    scene.#bastions = await deployInProcess(assembly, {
      reaps: false,
      environment: { POOL_SIZE: String(poolSize), POOL_MAX_AGE_SECONDS: String(poolMaxAgeMs / secondMs) },
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

  /** The sessions that live for somebody. */
  get ownedRows(): Row[] {
    return this.liveRows.filter((row) => !isUntaken(row));
  }

  /** The bastions that wait for an owner. */
  get pooledRows(): Row[] {
    return this.liveRows.filter(({ state }) => state === 'pooled');
  }

  /** Runs `act`. `chooseFault` is asked at every step until it ends. */
  walk<Result>(functions: readonly string[], chooseFault: ChooseFault, act: () => Promise<Result>): Promise<Result> {
    return this.#steps.walk(functions, chooseFault, act);
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

  /** Ends every live session and waits until all work has ended. @returns what remains: see `leftovers` */
  async stopAll(): Promise<string[]> {
    for (const row of this.liveRows) {
      if (isUntaken(row)) await this.killPooled();
      else await (row.claim === ann.claim ? this.ask('DELETE /') : this.stopTarget());
    }
    await this.bastions.clock.advance(quietMs);
    await this.reap();
    return this.leftovers();
  }

  /**
   * Every session that lives, and everything of sessions in AWS, one line each. A task that runs has its interface.
   * @param except sessions that may stay
   */
  leftovers(except: readonly Row[] = []): string[] {
    const { groups, interfaces } = this.bastions.aws.ec2;
    const exceptIds = except.map(({ sessionId }) => sessionId);
    const ours = groups.all().filter(({ tags }) => tags.has('bastion:stack'));
    const excepted = ours.filter(({ tags }) => exceptIds.includes(tags.get('bastion:session') ?? ''));
    const isExcepted = (groupIds: readonly string[]) => excepted.some(({ id }) => groupIds.includes(id));
    return [
      ...this.liveRows
        .filter(({ sessionId }) => !exceptIds.includes(sessionId))
        .map(({ sessionId }) => `session ${sessionId} lives`),
      ...ours.filter((group) => !excepted.includes(group)).map(({ name }) => `${name} is left`),
      ...interfaces.all().flatMap(({ id, groupIds }) => (isExcepted(groupIds) ? [] : [`${id} is left`])),
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

  /** Ends the container of the oldest bastion that waits for an owner. */
  async killPooled(): Promise<string> {
    this.oracle.endContainerOf('pool', 1);
    await this.bastions.clock.advance(5 * secondMs);
    return 'agent ended';
  }

  /** Lets a minute pass, with a pass of the pool at its beginning. */
  async refill(): Promise<string> {
    const { functionError } = await this.bastions.invoke('Pool');
    await this.bastions.clock.advance(minuteMs);
    return functionError ? 'pool failed' : 'pool done';
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
    const struck = this.#steps.strike(call, invocation);
    if (struck === undefined) return watch();
    const { step, caller, fault } = struck;
    this.oracle.fault(caller?.title ?? step.name, `${call.action}: ${fault}`);
    const circumstances = { call, proceed: watch, clock: this.bastions.clock, dice: this.#dice };
    const deliver = deliveryFaults[fault];
    if (call.kind === 'delivery' && deliver) return deliver(circumstances);
    if (!caller) throw new Error(`Got the fault "${fault}" for ${step.name}, expected a fault of a delivery.`);
    return callWithFault(fault, { ...circumstances, invocation: caller });
  }
}
