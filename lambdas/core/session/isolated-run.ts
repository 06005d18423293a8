/** What went wrong among acts of which none may keep the others from being done. */
export class Failures {
  readonly #found: { readonly name: string; readonly error: unknown }[] = [];
  readonly #report: (name: string, error: unknown) => void;

  constructor(report: (name: string, error: unknown) => void) {
    this.#report = report;
  }

  /** Does the act; an error of it is reported and kept, not thrown. */
  async isolate(name: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#report(name, error);
      this.#found.push({ name, error });
    }
  }

  get errors(): readonly unknown[] {
    return this.#found.map(({ error }) => error);
  }

  /** Of the acts that failed. */
  get names(): string {
    return this.#found.map(({ name }) => name).join(', ');
  }
}
