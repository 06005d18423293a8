/**
 * The execution environments of all functions together. As on Lambda, an environment stays warm for the next event of its
 * function, and their number has a limit. Here an event beyond the limit waits for its turn. Lambda returns 429
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html).
 */
import type { Clock } from '../../emulator/clock.ts';
import type { InvocationContext } from '../../emulator/lambda/lambda.ts';
import { Environment, type FunctionSpec } from './environment.ts';

export interface EnvironmentsOptions {
  readonly clock: Clock;
  /**
   * The most environments at once.
   * @default 10, the quota of a new AWS account
   */
  readonly limit?: number;
}

/** An environment ends after this time without an event. */
const idleMs = 60_000;

interface Idle {
  readonly environment: Environment;
  readonly cancelEnd: () => void;
}

interface Waiting {
  readonly spec: FunctionSpec;
  readonly signal: AbortSignal;
  readonly proceed: (environment: Environment) => void;
}

export class Environments {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #live = new Set<Environment>();
  /** The longest idle comes first. */
  #idle: Idle[] = [];
  #waiting: Waiting[] = [];

  constructor({ clock, limit = 10 }: EnvironmentsOptions) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** The number of environments now. */
  get count(): number {
    return this.#live.size;
  }

  /** Resolves with the handler's result. Rejects with the handler's error, or when the signal aborts the wait for a turn. */
  async invoke(spec: FunctionSpec, event: unknown, context: InvocationContext): Promise<unknown> {
    const free = this.#waiting.length === 0 ? this.#take(spec) : undefined;
    const environment = free ?? (await this.#turn(spec, context.signal));
    try {
      return await environment.invoke(event, context);
    } finally {
      if (environment.isAlive) this.#rest(environment);
      this.#serveWaiting();
    }
  }

  async close(): Promise<void> {
    for (const { cancelEnd } of this.#idle) cancelEnd();
    this.#waiting = [];
    await Promise.all([...this.#live].map((environment) => environment.end()));
  }

  /** An idle environment of the function, or a new one, or a new one in place of the longest idle. Undefined when all are busy. */
  #take(spec: FunctionSpec): Environment | undefined {
    const warm = this.#idle.findLast(({ environment }) => environment.spec === spec);
    if (warm) {
      this.#leaveIdle(warm);
      return warm.environment;
    }
    if (this.#live.size >= this.#limit) {
      const [longestIdle] = this.#idle;
      if (!longestIdle) return undefined;
      this.#discard(longestIdle);
    }
    const environment = new Environment(spec, () => this.#forget(environment));
    this.#live.add(environment);
    return environment;
  }

  #turn(spec: FunctionSpec, signal: AbortSignal): Promise<Environment> {
    const { promise, resolve, reject } = Promise.withResolvers<Environment>();
    const waiting: Waiting = { spec, signal, proceed: resolve };
    this.#waiting.push(waiting);
    signal.addEventListener(
      'abort',
      () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        reject(signal.reason);
      },
      { once: true },
    );
    return promise;
  }

  #serveWaiting(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const environment = this.#take(next.spec);
      if (!environment) return;
      this.#waiting.shift();
      next.proceed(environment);
    }
  }

  #rest(environment: Environment): void {
    const idle: Idle = { environment, cancelEnd: this.#clock.after(idleMs, () => this.#discard(idle)) };
    this.#idle.push(idle);
  }

  #leaveIdle(idle: Idle): void {
    idle.cancelEnd();
    this.#idle = this.#idle.filter((one) => one !== idle);
  }

  /** Frees the environment's place at once. Its thread needs a moment more. */
  #discard(idle: Idle): void {
    this.#leaveIdle(idle);
    this.#live.delete(idle.environment);
    void idle.environment.end();
  }

  /** Frees the place of an environment that has ended, perhaps while it was idle. */
  #forget(environment: Environment): void {
    const idle = this.#idle.find((one) => one.environment === environment);
    if (idle) this.#leaveIdle(idle);
    this.#live.delete(environment);
    this.#serveWaiting();
  }
}
