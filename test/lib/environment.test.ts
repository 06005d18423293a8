import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Entry, entries } from '../../contracts/stack.ts';
import { environments, parseEnvironment } from '../../lambdas/environment.ts';
import { synthesize } from './synthesize.ts';

let made: Awaited<ReturnType<typeof synthesize>>;

beforeAll(async () => {
  made = await synthesize({ admins: 'arn:aws:iam::123456789012:user/ops' });
});

const functionSchema = v.object({ Environment: v.object({ Variables: v.record(v.string(), v.string()) }) });

/** What the stack gives a function, once AWS has worked it out. */
function environmentOf(entry: Entry): Record<string, string> {
  const name = entry.replace(/(^|-)(.)/g, (_, _dash, letter: string) => letter.toUpperCase());
  const fn = made.resolved
    .resources('AWS::Lambda::Function')
    .find(({ logicalId }) => logicalId.startsWith(`Functions${name}Function`));
  return v.parse(functionSchema, fn?.properties).Environment.Variables;
}

describe('the environment', () => {
  it.each(entries)('of %s is exactly what its wiring parses', (entry) => {
    expect(Object.keys(environmentOf(entry)).sort()).toEqual(Object.keys(environments[entry].entries).sort());
    expect(() => parseEnvironment(entry, environmentOf(entry))).not.toThrow();
  });
});
