type Closer = () => Promise<void>;

/** Everything that has to end before this program does. The newest closes first. */
export class Closers {
  readonly #closers: Closer[] = [];
  #isClosing = false;
  #closing: Promise<void> | undefined;

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** A closer that comes while the others close is called at once. */
  add(closer: Closer): void {
    if (this.isClosing) void run(closer);
    else this.#closers.push(closer);
  }

  /** Idempotent. One that fails to close doesn't keep the others open. */
  close(): Promise<void> {
    this.#isClosing = true;
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (const closer of this.#closers.toReversed()) await run(closer);
  }

  /** Makes Ctrl-C and its like close everything, and then end the program. */
  closeOnSignal(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => void this.close().then(() => process.exit(0)));
    }
  }
}

const run = (closer: Closer): Promise<void> => closer().catch((error: unknown) => console.error(error));
