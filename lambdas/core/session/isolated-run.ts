/** Runs actions so that one failure never stops the others, and collects the errors. */
export class IsolatedRun {
  readonly #failures: { readonly name: string; readonly error: unknown }[] = [];
  readonly #report: (name: string, error: unknown) => void;

  /** @param report called at each failure */
  constructor(report: (name: string, error: unknown) => void) {
    this.#report = report;
  }

  /** Runs one action. Reports and keeps its error instead of throwing it. */
  async run(name: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#report(name, error);
      this.#failures.push({ name, error });
    }
  }

  get errors(): readonly unknown[] {
    return this.#failures.map(({ error }) => error);
  }

  /** The names of the failed actions, separated by commas. */
  get failedNames(): string {
    return this.#failures.map(({ name }) => name).join(', ');
  }
}
