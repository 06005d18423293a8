import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { entries } from '../contracts/stack.ts';
import { bundle } from '../lib/functions/bundle.ts';
import { stackEnvironment } from '../lib/network.ts';
import { readConfig } from '../lib/settings/config.ts';
import { BastionStack } from '../lib/stack.ts';

const root = join(import.meta.dirname, '..');
const app = new App({ analyticsReporting: false });
const config = readConfig((name) => app.node.tryGetContext(name));
const bundles = await bundle({
  folder: join(root, 'lambdas/functions'),
  runtime: join(root, 'lambdas/runtime.ts'),
  entries,
  outdir: join(root, '.bundles'),
});
new BastionStack(app, config.stackName, { config, bundles, env: stackEnvironment(config, process.env) });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
