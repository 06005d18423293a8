/** The steps of a start, a line for each. The name shows at its beginning, and the seconds at its end. */

import type { Paint } from './shell.ts';

export class Steps {
  readonly #write: (text: string) => void;
  readonly #paint: Paint;
  #isInLine = false;

  constructor(write: (text: string) => void, paint: Paint) {
    this.#write = write;
    this.#paint = paint;
  }

  /** Shows `name` until `work` has settled. Work that began beside an earlier step counts from `startMs`. */
  async show<Result>(name: string, work: Promise<Result>, startMs = performance.now()): Promise<Result> {
    this.#isInLine = true;
    this.#write(`${name} ... `);
    const result = await work;
    this.#write(`${this.#paint('dim', `${((performance.now() - startMs) / 1000).toFixed(1)} s`)}\n`);
    this.#isInLine = false;
    return result;
  }

  /** Ends the line of a step that failed, so that its error begins a line of its own. */
  endLine(): void {
    if (this.#isInLine) this.#write('\n');
    this.#isInLine = false;
  }
}
