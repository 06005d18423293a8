import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { poolPricePerMonth } from '../../contracts/prices.ts';
import { BastionStack, type BastionStackProps } from '../../lib/index.ts';
import { bundles, root } from './synthesize.ts';

const small = { cpu: 256, memoryMiB: 512 };
const officeHours = 'Mon-Fri 08:00-18:00 Europe/Berlin';

describe('the price of a pool per month', () => {
  it.each([
    // 0.25 × 0.03238 + 0.5 × 0.00356 + 0.005 = 0.014875 per hour, and a month has 168 × 365.25 / 7 / 12 = 730.5 hours
    ['us-east-1', 1, 168, small, 10.866_187_5],
    ['us-east-1', 2, 168, small, 21.732_375],
    // 50 × 365.25 / 7 / 12 = 217.410714… hours
    ['us-east-1', 1, 50, small, 3.233_984_375],
    // 0.25 × 0.03725 + 0.5 × 0.00409 + 0.005 = 0.0163575 per hour
    ['eu-central-1', 5, 168, small, 59.745_768_75],
    // 1 × 0.03238 + 2 × 0.00356 + 0.005 = 0.0445 per hour
    ['us-east-1', 1, 168, { cpu: 1024, memoryMiB: 2048 }, 32.507_25],
    ['us-east-1', 0, 168, small, 0],
  ])('in %s of %i, for %i hours a week, with tasks of %j is %d', (region, size, hoursPerWeek, task, dollars) => {
    expect(poolPricePerMonth(region, { size, hoursPerWeek, task })).toBeCloseTo(dollars, 9);
  });

  it('is unknown in a region without prices', () => {
    expect(poolPricePerMonth('mars-north-1', { size: 1, hoursPerWeek: 168, task: small })).toBeUndefined();
  });
});

describe('the output PoolPricePerMonth', () => {
  const outputOf = (props: BastionStackProps) => {
    const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false });
    const stack = new BastionStack(app, 'Mine', { bundles, imageUpdates: '2026-11', ...props });
    return Template.fromStack(stack).findOutputs('PoolPricePerMonth').PoolPricePerMonth;
  };

  it('says what the pool costs in the stack’s region, by its hours and the size of its tasks', () => {
    const env = { region: 'us-east-1' };
    expect(outputOf({ env, poolSize: 2, poolHours: officeHours, memoryMiB: 1024, priceRegion: 'sa-east-1' })).toEqual({
      Description: 'Dollars per month for the bastions of the pool, by the list prices of us-east-1',
      // (0.25 × 0.03238 + 1 × 0.00356 + 0.005) × 2 × 217.41
      Value: '7.24',
    });
  });

  it('says what the pool costs in priceRegion if the stack is tied to no region', () => {
    expect(outputOf({ poolSize: 1, priceRegion: 'eu-central-1' })).toMatchObject({ Value: '11.95' });
  });

  it.each<[string, BastionStackProps]>([
    ['a pool', { priceRegion: 'us-east-1' }],
    ['a region', { poolSize: 1 }],
    ['known prices', { poolSize: 1, priceRegion: 'mars-north-1' }],
  ])('is absent without %s', (_, props) => {
    expect(outputOf(props)).toBeUndefined();
  });

  it('is by the region that the CDK CLI names to the app', async () => {
    const outdir = await mkdtemp(join(tmpdir(), 'pool-price-'));
    try {
      const env = {
        ...process.env,
        CDK_DEFAULT_REGION: 'us-east-1',
        CDK_OUTDIR: outdir,
        CDK_CONTEXT_JSON: JSON.stringify({ poolSize: '1' }),
        CDK_VALIDATION: 'false',
      };
      await promisify(execFile)(process.execPath, [join(root, 'bin/app.ts')], { env });
      const template = JSON.parse(await readFile(join(outdir, 'Bastions.template.json'), 'utf8'));
      expect(template.Outputs.PoolPricePerMonth.Value).toBe('10.87');
    } finally {
      await rm(outdir, { recursive: true });
    }
  });
});
