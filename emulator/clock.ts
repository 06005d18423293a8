import { setImmediate as nextTurn } from 'node:timers/promises';

/** Time as the account and the code under test see it. A test passes a VirtualClock, and hours pass in milliseconds. */
export interface Clock {
  /** Returns epoch milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** Runs `action` once, after so many milliseconds. The returned function cancels it. */
  after(milliseconds: number, action: () => void): () => void;
  /**
   * Declares work that waits for something other than this clock, such as a socket, so that a virtual clock waits for it. Work
   * that sleeps on this clock must not be declared, because it would wait for itself.
   */
  busy<Result>(work: Promise<Result>): Promise<Result>;
}

/** The machine's own clock. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
  busy: (work) => work,
};

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

/**
 * A clock that stands still until a test moves it. It fires one timer at a time, and waits for everything that the timer has
 * started before it fires the next. So the same test always runs in the same order.
 */
export class VirtualClock implements Clock {
  #now: number;
  #inFlight = 0;
  #driven = false;
  /** Timers sorted by time. Those of one moment keep the order in which they were set. */
  readonly #timers: Timer[] = [];

  constructor(startsAt: number = Date.UTC(2026, 0, 1)) {
    this.#now = startsAt;
  }

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  after(milliseconds: number, action: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, milliseconds), action };
    const following = this.#timers.findIndex(({ at }) => at > timer.at);
    this.#timers.splice(following === -1 ? this.#timers.length : following, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index !== -1) this.#timers.splice(index, 1);
    };
  }

  async busy<Result>(work: Promise<Result>): Promise<Result> {
    this.#inFlight += 1;
    try {
      return await work;
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Lets `milliseconds` pass, and fires every timer that becomes due, also those that are set on the way. */
  async advance(milliseconds: number): Promise<void> {
    await this.#drive(async () => {
      const end = this.#now + milliseconds;
      await this.#settle();
      while ((this.#timers[0]?.at ?? Number.POSITIVE_INFINITY) <= end) await this.#fireNext();
      this.#now = end;
    });
  }

  /**
   * Lets time pass from timer to timer until `promise` settles, and settles the same way. Throws if no timer and no declared
   * work remains that could settle it, or if it has not settled after `limitMilliseconds` (default: a day).
   */
  async run<Result>(promise: Promise<Result>, limitMilliseconds: number = 24 * 3_600_000): Promise<Result> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.#drive(async () => {
      const limit = this.#now + limitMilliseconds;
      await this.#settle();
      while (!settled) {
        const next = this.#timers[0];
        if (next === undefined) {
          throw new Error(
            `The awaited promise can no longer settle: at ${this.#time()} no work is in flight and no timer is set. ` +
              'The code waits for an event that never comes, or for real time or I/O that it has not declared with busy().',
          );
        }
        if (next.at > limit) {
          throw new Error(
            `The awaited promise has not settled after ${limitMilliseconds} ms of virtual time (it is now ${this.#time()}). ` +
              'Pass a larger limit only if it really takes this long.',
          );
        }
        await this.#fireNext();
      }
    });
    return promise;
  }

  async #fireNext(): Promise<void> {
    const timer = this.#timers.shift();
    if (timer === undefined) return;
    this.#now = timer.at;
    timer.action();
    await this.#settle();
  }

  async #drive(work: () => Promise<void>): Promise<void> {
    if (this.#driven) {
      throw new Error(
        'The virtual clock is already being moved: await the advance() or run() under way before starting another.',
      );
    }
    this.#driven = true;
    try {
      await work();
    } finally {
      this.#driven = false;
    }
  }

  /**
   * Waits until the code can only go on when this clock does. Promise callbacks end before a turn of the event loop does.
   * Three quiet turns in a row leave room for code that defers its next step by a turn.
   */
  async #settle(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 3; ) {
      await nextTurn();
      quietTurns = this.#inFlight === 0 && !readsFiles() ? quietTurns + 1 : 0;
    }
  }

  #time(): string {
    return new Date(this.#now).toISOString();
  }
}

/**
 * Says whether a file is being read: libraries read files and cannot declare it with busy(). Node lists such reads among its
 * active resources as FSReqPromise, FSReqCallback and, while a file is closed, CloseReq.
 */
function readsFiles(): boolean {
  return process.getActiveResourcesInfo().some((resource) => /^(FS|Close)Req/.test(resource));
}

/** Makes a clock whose timers end with its owner: `stop` cancels those that are set, and ignores those that are set later. */
export function stoppableClock(clock: Clock): Clock & { stop(): void } {
  const cancels = new Set<() => void>();
  let stopped = false;
  const after = (milliseconds: number, action: () => void) => {
    if (stopped) return () => {};
    const cancelTimer = clock.after(milliseconds, () => {
      cancels.delete(cancel);
      action();
    });
    const cancel = () => {
      cancels.delete(cancel);
      cancelTimer();
    };
    cancels.add(cancel);
    return cancel;
  };
  return {
    now: () => clock.now(),
    busy: (work) => clock.busy(work),
    after,
    sleep: (milliseconds) => new Promise((resolve) => after(milliseconds, resolve)),
    stop() {
      stopped = true;
      for (const cancel of cancels) cancel();
    },
  };
}
