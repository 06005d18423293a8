/** Something that has happened since somebody last asked. */
export class Signal {
  #isNoted = false;
  #noted = Promise.withResolvers<void>();

  note(): void {
    this.#isNoted = true;
    this.#noted.resolve();
  }

  /** Resolves once it has happened, at once if it has happened since the last call. */
  async next(): Promise<void> {
    if (!this.#isNoted) await this.#noted.promise;
    this.#isNoted = false;
    this.#noted = Promise.withResolvers<void>();
  }
}
