/**
 * Output: standard output carries the result alone, standard error everything else. Progress is one line that is rewritten in
 * place, and only a person at a terminal gets it.
 */
import { printable } from './errors.ts';

interface Output {
  write(text: string): unknown;
}

export interface Streams {
  readonly stdout: Output;
  readonly stderr: Output & { readonly isTTY?: boolean; readonly columns?: number };
}

export interface Manner {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  /** Whether a continuous integration runs the command, which wants no line but the result. */
  readonly isCi: boolean;
  /** Whether the terminal cannot rewrite a line. Default: it can. */
  readonly isDumb?: boolean;
}

export class Terminal {
  readonly manner: Manner;
  readonly #streams: Streams;
  #line = '';

  constructor(manner: Manner, streams: Streams = process) {
    this.manner = manner;
    this.#streams = streams;
  }

  /** Prints the result: `value` as JSON if the person asked for it, else `text`, if there is any. */
  result(text: string, value: unknown): void {
    const output = this.manner.isJson ? JSON.stringify(value, null, 2) : text;
    this.clear();
    if (output !== '') this.#streams.stdout.write(`${printable(output)}\n`);
  }

  /** Tells a person at a terminal something beside the result. */
  note(text: string): void {
    if (this.isWatched) this.say(text);
  }

  /** Warns, wherever the command runs. */
  warn(text: string): void {
    this.say(`bastion: ${text}`);
  }

  /** Says something beside the result, wherever the command runs. */
  say(text: string): void {
    this.clear();
    this.#streams.stderr.write(`${printable(text)}\n`);
  }

  /** Passes on a line of a program that runs beside the command. */
  passOn(line: string): void {
    this.clear();
    this.#streams.stderr.write(`${line}\n`);
  }

  /** Tells details to a person who has asked for them. */
  detail(text: string): void {
    if (this.manner.isVerbose) this.say(text);
  }

  /** Rewrites the line of progress. */
  progress(text: string): void {
    if (!this.isWatched || this.manner.isDumb === true || text === this.#line) return;
    this.#line = text;
    // A line that wraps would leave its first half behind. A terminal of no size is one that does not say it.
    const columns = this.#streams.stderr.columns || 80;
    this.#streams.stderr.write(`\r\u001b[K${text.slice(0, columns - 1)}`);
  }

  /** Removes the line of progress. */
  clear(): void {
    if (this.#line === '') return;
    this.#line = '';
    this.#streams.stderr.write('\r\u001b[K');
  }

  /** Whether a person sees what is not the result. */
  get isWatched(): boolean {
    return this.#streams.stderr.isTTY === true && !this.manner.isQuiet && !this.manner.isCi;
  }
}
