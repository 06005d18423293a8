import type { Clock } from '../core/session/ports.ts';

export interface Rate {
  /** Calls that may come at once after a pause. */
  readonly burst: number;
  readonly perSecond: number;
  /** A call that would have to wait longer for its turn gets none. */
  readonly mostWaitMs: number;
}

/** Spreads calls over time, so that AWS need not refuse them. */
export class Turns {
  readonly #clock: Clock;
  readonly #rate: Rate;
  /** The moment at which every turn that was given is made up for. */
  #paidAt = 0;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Waits for the next turn. Returns false at once if that is too far away. */
  async take(): Promise<boolean> {
    const { burst, perSecond, mostWaitMs } = this.#rate;
    const now = this.#clock.now();
    const intervalMs = 1000 / perSecond;
    const paidAt = Math.max(this.#paidAt, now) + intervalMs;
    const waitMs = Math.max(0, Math.ceil(paidAt - now - burst * intervalMs));
    if (waitMs > mostWaitMs) return false;
    this.#paidAt = paidAt;
    if (waitMs > 0) await this.#clock.sleep(waitMs);
    return true;
  }
}
