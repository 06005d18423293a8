type Closer = () => Promise<void>;

/** What has to end before this program does. Last made, first closed. */
export class Closers {
  readonly #closers: Closer[] = [];
  #closing: Promise<void> | undefined;

  add(closer: Closer): void {
    this.#closers.push(closer);
  }

  /** Idempotent. One that fails to close doesn't keep the others open. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const closer of this.#closers.toReversed()) await closer().catch((error: unknown) => console.error(error));
    })();
    return this.#closing;
  }

  /** Has Ctrl-C and its like close everything, and then end the program. */
  closeOnSignal(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => void this.close().then(() => process.exit(0)));
    }
  }
}
