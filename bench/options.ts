/** The options of `npm run bench`. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly record: boolean;
  /** The names of the sections to measure. Empty for all. */
  readonly only: readonly string[];
}

export const usage = (names: readonly string[]): string => `npm run bench -- [options]
  --record         write the figures into bench/RESULTS.md
  --only <name>    measure this section alone; more than once for several: ${names.join(', ')}`;

/** Throws a sentence for an unknown option or section. @param names of all sections */
export function parseOptions(args: readonly string[], names: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      record: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const unknown = values.only.find((name) => !names.includes(name));
  if (unknown === undefined) return { record: values.record, only: values.only };
  throw new Error(`Option --only: got ${unknown}, expected one of ${names.join(', ')}.`);
}
