import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { entries } from '../../contracts/stack.ts';
import { bundleFolders } from '../../lib/functions/bundle.ts';
import { readConfig } from '../../lib/settings/config.ts';
import { BastionStack } from '../../lib/stack.ts';
import { unchecked } from '../../local/cloudformation/synthesize.ts';
import { Template as ResolvedTemplate } from '../../local/cloudformation/template.ts';

export const root = join(import.meta.dirname, '../..');

const cdkJson = v.object({ context: v.record(v.string(), v.unknown()) });
const resourcesSchema = v.record(
  v.string(),
  v.object({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) }),
);

/** Where the stack is, for whatever AWS works out by itself. */
export const place = {
  region: 'eu-west-1',
  accountId: '123456789012',
  stackName: 'Bastions',
  apiUrl: 'https://api.test',
};

export type Resources = v.InferOutput<typeof resourcesSchema>;

/** The synthesis that all tests share has just written them. */
const bundles = bundleFolders(join(root, '.bundles'), entries);

/** The stack as `cdk synth -c name=value …` makes it, with the feature flags of cdk.json. */
export async function synthesize(settings: Record<string, string> = {}) {
  const { context } = v.parse(cdkJson, JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')));
  // Nobody reads where a construct was made; vitest spends seconds on saying so.
  const quick = { ...unchecked, 'aws:cdk:disable-stack-trace': true };
  const app = new App({ context: { ...context, ...quick }, analyticsReporting: false });
  const config = readConfig((name) => settings[name]);
  const stack = new BastionStack(app, config.stackName, { config, bundles });
  const template = Template.fromStack(stack);
  const resources = v.parse(resourcesSchema, template.toJSON().Resources);
  const resolved = new ResolvedTemplate(template.toJSON(), place);
  return { app, stack, template, resources, resolved };
}
