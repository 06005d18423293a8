/** Transcripts: a `$` in front of each command, its output below it. */

export interface Step {
  readonly command: string;
  /** The lines that the document shows. */
  readonly output: readonly string[];
}

export function stepsIn(text: string): Step[] {
  const steps: { command: string; output: string[] }[] = [];
  for (const line of text.split('\n')) {
    const step = steps.at(-1);
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [] });
    else if (step?.output.length === 0 && step.command.endsWith('\\')) step.command += `\n${line}`;
    else if (step) step.output.push(line);
    else throw new Error(`Got the line ${JSON.stringify(line)}, expected a transcript that begins with "$ ".`);
  }
  return steps;
}

const id = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const address = '127\\.77\\.[0-9]{1,3}\\.[0-9]{1,3}';
const moment = '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z';
const sample = new RegExp(`(${id})|(${address})|(${moment})|(…)`);

/**
 * Ids, addresses and moments differ from run to run. The first value that comes where a document shows an id or an address is
 * its value from then on, in output and in commands. A moment may be any, and `…` stands for anything on one line.
 */
export class Samples {
  readonly #values = new Map<string, string>();

  /** @param fixed what else stands for something of this run, such as a port */
  constructor(fixed: Readonly<Record<string, string>> = {}) {
    for (const [text, value] of Object.entries(fixed)) this.#values.set(text, value);
  }

  /** The command as it runs here. */
  inCommand(command: string): string {
    return [...this.#values].reduce((text, [shown, value]) => text.replaceAll(shown, value), command);
  }

  /** Whether a line that was printed is the line that the document shows. */
  fits(shown: string, printed: string): boolean {
    const seen: string[] = [];
    const pattern = this.inCommand(shown)
      .split(new RegExp(sample, 'g'))
      .reduce((text, part, index) => text + this.#patternOf(part, index % 5, seen), '');
    const match = new RegExp(`^${pattern}$`).exec(printed);
    for (const [index, text] of seen.entries()) {
      const value = match?.[index + 1];
      if (value !== undefined) this.#values.set(text, value);
    }
    return match !== null;
  }

  /** @param kind position among the groups of `sample`: 0 is the text between two samples */
  #patternOf(part: string | undefined, kind: number, seen: string[]): string {
    if (part === undefined) return '';
    if (kind === 3) return moment;
    if (kind === 4) return '.*';
    const isValue = [...this.#values.values()].includes(part);
    if (kind === 0 || isValue) return escaped(part);
    seen.push(part);
    return kind === 1 ? `(${id})` : `(${address})`;
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
