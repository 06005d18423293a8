import { beforeAll, describe, expect, it } from 'vitest';
import { environments, type FunctionName, parseEnvironment } from '../../lambdas/environment.ts';
import { entries } from '../../lib/functions.ts';
import { bundles, type Resources, synthesize } from './synthesize.ts';

let resources: Resources;

beforeAll(async () => {
  ({ resources } = await synthesize(await bundles(), { admins: 'arn:aws:iam::123456789012:user/ops' }));
});

/** What the stack gives a function; what only AWS can know is a word in its place. */
function environmentOf(entry: FunctionName): Record<string, string> {
  const name = entry.replace(/(^|-)(.)/g, (_, _dash, letter: string) => letter.toUpperCase());
  const [, fn] = Object.entries(resources).find(([id]) => id.startsWith(`Functions${name}Function`)) ?? [];
  const { Variables } = Object(fn?.Properties.Environment);
  return Object.fromEntries(
    Object.entries(Object(Variables)).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : 'resolved-by-aws',
    ]),
  );
}

describe('the environment', () => {
  it.each(entries)('of %s is exactly what its wiring parses', (entry) => {
    expect(Object.keys(environmentOf(entry)).sort()).toEqual(Object.keys(environments[entry].entries).sort());
    expect(() => parseEnvironment(entry, environmentOf(entry))).not.toThrow();
  });
});
