import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { entries } from '../../contracts/stack.ts';
import { bundleFolders } from '../../lib/functions/bundle-folders.ts';
import { BastionStack } from '../../lib/index.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { Template as ResolvedTemplate } from '../../local/cloudformation/template.ts';

export const root = join(import.meta.dirname, '../..');

const cdkJson = v.object({ context: v.record(v.string(), v.unknown()) });
const resourcesSchema = v.record(
  v.string(),
  v.object({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) }),
);

/** The account and region of the stack, and the URL that API Gateway gives its API. */
export const place = {
  region: 'eu-west-1',
  accountId: '123456789012',
  stackName: 'Bastions',
  apiUrl: 'https://api.test',
};

export type Resources = v.InferOutput<typeof resourcesSchema>;

/** The functions' bundles, which the synthesis that all tests share has written before. */
export const bundles = bundleFolders(join(root, '.bundles'), entries);

/** The stack as `cdk synth -c name=value …` makes it, with the feature flags of cdk.json. */
export async function synthesize(settings: Record<string, string> = {}) {
  const { context } = v.parse(cdkJson, JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')));
  const app = new App({
    // vitest takes seconds to resolve the stack traces of constructs.
    context: { ...context, 'aws:cdk:disable-stack-trace': true },
    analyticsReporting: false,
    // The validation takes seconds and leaves the template as it is. `cdk synth` validates it.
    builtinCloudFormationValidation: false,
  });
  const props = readSettings({ imageUpdates: '2026-11', ...settings });
  const stack = new BastionStack(app, props.stackName, { ...props, bundles });
  const template = Template.fromStack(stack);
  const resources = v.parse(resourcesSchema, template.toJSON().Resources);
  const resolved = new ResolvedTemplate(template.toJSON(), place);
  return { app, stack, template, resources, resolved };
}
