import { type Random, seededRandom } from '../../emulator/random.ts';

/** Everything that is drawn, from one seed. */
export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** True in this share of cases. */
  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** A whole number from `least` up to, but without, `most`. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.between(0, items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  }

  /** Dice of their own for somebody, so that what one draws does not change what another does. */
  fork(): Dice {
    return new Dice(this.between(0, 2 ** 31));
  }
}
