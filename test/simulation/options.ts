/** The options of `npm run test:simulation`. */
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { worldMinutes } from './run-seed.ts';

export const usage = `npm run test:simulation -- [options]
  --sessions N         simulate until N sessions have been seen (default 1000)
  --from N             begin with this seed (default 1)
  --minutes N          how long actors begin new things in each world, 1 to 600 (default ${worldMinutes})
  --jobs N             worlds at the same time (default: one per core)
  --until-violation    stop at the first violation
  --record             add a row to test/simulation/RESULTS.md after every 20,000 sessions
  --go-on              begin behind the last seed in that file
  --seed N             simulate one world, and print its history`;

const wholeNumber = (least: number, most: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, (issue) => `got ${issue.received}, expected a whole number`),
    v.transform(Number),
    v.minValue(least, (issue) => `got ${issue.received}, expected at least ${least}`),
    v.maxValue(most, (issue) => `got ${issue.received}, expected at most ${most}`),
  );

const schema = v.object({
  seed: v.optional(wholeNumber(0, 999_999_999)),
  sessions: v.optional(wholeNumber(1, 100_000_000), '1000'),
  from: v.optional(wholeNumber(0, 999_999_999), '1'),
  minutes: v.optional(wholeNumber(1, 600), String(worldMinutes)),
  jobs: v.optional(wholeNumber(1, 1000)),
  untilViolation: v.optional(v.boolean(), false),
  record: v.optional(v.boolean(), false),
  goesOn: v.optional(v.boolean(), false),
});

export type Options = v.InferOutput<typeof schema>;

/** Throws a sentence for an unknown option or a value out of its bounds. */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      sessions: { type: 'string' },
      from: { type: 'string' },
      minutes: { type: 'string' },
      jobs: { type: 'string' },
      'until-violation': { type: 'boolean' },
      record: { type: 'boolean' },
      'go-on': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const { 'until-violation': untilViolation, 'go-on': goesOn, ...others } = values;
  if (goesOn && others.from !== undefined) throw new Error('Got --from and --go-on, expected one of them.');
  const result = v.safeParse(schema, { ...others, untilViolation, goesOn });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`Option --${v.getDotPath(issue)}: ${issue.message}.`);
}
