import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Entry, entries, env } from '../../contracts/stack.ts';
import { readVariables } from '../../lambdas/variables.ts';
import { functions, titleOf } from '../support/functions.ts';
import { synthesize } from './synthesize.ts';

let made: Awaited<ReturnType<typeof synthesize>>;

beforeAll(async () => {
  made = await synthesize({ admins: 'arn:aws:iam::123456789012:user/ops' });
});

const functionSchema = v.object({ Environment: v.object({ Variables: v.record(v.string(), v.string()) }) });

/** The environment that the stack gives a function, with its references resolved. */
function environmentOf(entry: Entry): Record<string, string> {
  const fn = made.resolved
    .resources('AWS::Lambda::Function')
    .find(({ logicalId }) => logicalId.startsWith(`Functions${titleOf(entry)}Function`));
  return v.parse(functionSchema, fn?.properties).Environment.Variables;
}

describe('the environment', () => {
  it.each(entries)('of %s holds exactly the variables that its file lists', (entry) => {
    const names = functions[entry].variables.map((name) => env[name]);
    expect(Object.keys(environmentOf(entry)).sort()).toEqual([...new Set(names)].sort());
  });

  it.each(entries)('of %s is one that its file can read', (entry) => {
    expect(() => readVariables(functions[entry].variables, environmentOf(entry))).not.toThrow();
  });

  it('that lacks variables, or has wrong ones, is refused by their names', () => {
    const environment = { [env.maxSessions]: 'many', [env.sshPorts]: '70000' };
    expect(() => readVariables(['table', 'maxSessions', 'sshPorts'], environment)).toThrow(
      /TABLE_NAME: got undefined, .*MAX_SESSIONS: got "many", expected a whole number.*SSH_PORTS: got .*, expected ports/,
    );
  });
});
