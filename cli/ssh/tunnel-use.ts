/**
 * The connections through a tunnel, as ssh's own messages tell of them. The data itself stays between ssh and its clients. The
 * messages are those of OpenSSH 8.1 and later: `debug1: channel 3: new direct-tcpip [direct-tcpip]` and `… free: direct-tcpip: …`.
 */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Lines that ssh prints only because we ask for messages. */
const chatter = /^(debug1: |Authenticated to |Transferred: |Bytes per second: )/;

export class TunnelUse {
  /** The options by which ssh tells of its connections. */
  readonly options: readonly string[] = ['-o', 'LogLevel=DEBUG1'];
  readonly #open = new Set<string>();
  readonly #onUse: () => void;
  readonly #onLine: (line: string) => void;
  #wasUsed = false;

  /** @param onUse is called for each new connection, and `onLine` gets what ssh has to say to the person */
  constructor(onUse: () => void, onLine: (line: string) => void) {
    this.#onUse = onUse;
    this.#onLine = onLine;
  }

  /** Whether a connection is open, or was open since the last `forget`. */
  get isUsed(): boolean {
    return this.#wasUsed || this.#open.size > 0;
  }

  forget(): void {
    this.#wasUsed = false;
  }

  /** Reads the messages of one ssh. The connections of an earlier one have ended. */
  read(stderr: Readable): void {
    this.#open.clear();
    createInterface({ input: stderr }).on('line', (line) => this.#take(line));
  }

  #take(line: string): void {
    const [, channel = '', begins] =
      /^debug1: channel (\d+): (?:(new) .*\b(?:direct|dynamic)-tcpip\b|free: )/.exec(line) ?? [];
    if (begins !== undefined) {
      this.#open.add(channel);
      this.#wasUsed = true;
      this.#onUse();
    } else if (channel !== '') this.#open.delete(channel);
    else if (!chatter.test(line)) this.#onLine(line);
  }
}
