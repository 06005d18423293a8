import { type Random, seededRandom } from '../../emulator/random.ts';

/** Draws at random from one seed. The same seed gives the same draws. */
export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** True in this share of cases. */
  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** A whole number: at least `least`, and less than `limit`. */
  between(least: number, limit: number): number {
    return least + Math.floor(this.#random() * (limit - least));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.between(0, items.length)];
    if (item === undefined) throw new Error('Got an empty list, expected at least one item to pick from.');
    return item;
  }

  /** New dice for one actor, so that its draws do not change another actor's. */
  fork(): Dice {
    return new Dice(this.between(0, 2 ** 31));
  }
}
