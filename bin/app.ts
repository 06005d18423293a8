import { App, Validations } from 'aws-cdk-lib';
import { bundleFunctions } from '../lib/functions/bundle-functions.ts';
import { BastionStack, InvalidProps } from '../lib/index.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { stackEnvironment } from '../lib/settings/stack-environment.ts';

const app = new App({ analyticsReporting: false });
try {
  const props = readSettings(app.node.getAllContext());
  const env = stackEnvironment(props, process.env);
  const bundles = await bundleFunctions();
  // The CDK CLI deploys a stack without a region of its own to this one.
  const priceRegion = process.env.CDK_DEFAULT_REGION;
  new BastionStack(app, props.stackName, { ...props, bundles, env, priceRegion });
  // The local run reads no report of a validation, so it switches CDK's and this one off.
  if (process.env.CDK_VALIDATION !== 'false') {
    const { AwsSolutionsChecks } = await import('cdk-nag');
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  }
} catch (error) {
  if (!(error instanceof InvalidProps)) throw error;
  console.error(error.message);
  process.exit(1);
}
