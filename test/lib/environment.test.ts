import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Entry, entries, env } from '../../contracts/stack.ts';
import { readVariables } from '../../lambdas/variables.ts';
import { Bastions } from '../../lib/index.ts';
import { functions, titleOf } from '../support/functions.ts';
import { signInSettings } from '../support/settings.ts';
import { bundles, synthesize } from './synthesize.ts';

let made: Awaited<ReturnType<typeof synthesize>>;

beforeAll(async () => {
  made = await synthesize({ admins: 'arn:aws:iam::123456789012:user/ops', poolSize: '2', ...signInSettings });
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

  it('keeps each admin as one, also a name with a comma', () => {
    const admins = ['arn:aws:iam::123456789012:user/doe,john', 'arn:aws:sts::123456789012:assumed-role/Ops/*'];
    const stack = new Stack(new App({ analyticsReporting: false, builtinCloudFormationValidation: false }), 'Mine');
    new Bastions(stack, 'Bastions', { bundles, admins });
    const made = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'))
      .map((fn) => fn.Properties.Environment.Variables)
      .filter((variables) => env.admins in variables);
    expect(made.map((variables) => readVariables(['admins'], variables).admins)).toEqual([admins, admins, admins]);
  });

  it('that lacks variables, or has wrong ones, is refused by their names', () => {
    const environment = { [env.maxSessions]: 'many', [env.sshPorts]: '70000' };
    expect(() => readVariables(['table', 'maxSessions', 'sshPorts'], environment)).toThrow(
      /TABLE_NAME: got undefined, .*MAX_SESSIONS: got "many", expected a whole number.*SSH_PORTS: got .*, expected ports/,
    );
  });
});
