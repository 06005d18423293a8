import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { differences, rowOf, withRows } from '../../bin/prices.ts';
import { listPrices, type PriceRow, pricesDate } from '../../contracts/prices.ts';

interface Product {
  readonly usagetype: string;
  readonly usd: string;
  readonly unit?: string;
  readonly regionCode?: string;
}

/** A price list file in AWS's form, as far as it concerns the prices of products on demand. */
function priceListOf(offerCode: string, products: readonly Product[]) {
  const skus = products.map((product, index) => ({ sku: `${offerCode.toUpperCase()}${index}`, ...product }));
  return {
    formatVersion: 'v1.0',
    offerCode,
    version: '20260911124427',
    publicationDate: '2026-09-11T12:44:27Z',
    products: Object.fromEntries(
      skus.map(({ sku, usagetype, regionCode = 'eu-west-1' }) => [
        sku,
        {
          sku,
          productFamily: 'Compute',
          attributes: { servicecode: offerCode, location: 'EU (Ireland)', regionCode, usagetype, operation: '' },
        },
      ]),
    ),
    terms: {
      OnDemand: Object.fromEntries(
        skus.map(({ sku, usd, unit = 'hours' }) => {
          const term = `${sku}.JRTCKXETXF`;
          const rate = `${term}.6YS6EN2CT7`;
          const dimension = { rateCode: rate, unit, beginRange: '0', endRange: 'Inf', pricePerUnit: { USD: usd } };
          const onDemand = {
            offerTermCode: 'JRTCKXETXF',
            sku,
            priceDimensions: { [rate]: dimension },
            termAttributes: {},
          };
          return [sku, { [term]: onDemand }];
        }),
      ),
    },
  };
}

const arm: readonly Product[] = [
  { usagetype: 'EU-Fargate-ARM-vCPU-Hours:perCPU', usd: '0.0323800000' },
  { usagetype: 'EU-Fargate-ARM-GB-Hours', usd: '0.0035600000' },
];
const x86: readonly Product[] = [
  { usagetype: 'EU-Fargate-vCPU-Hours:perCPU', usd: '0.0404800000' },
  { usagetype: 'EU-Fargate-GB-Hours', usd: '0.0044450000' },
];
const others: readonly Product[] = [
  { usagetype: 'EU-ECS-EC2-vCPU-Hours', usd: '0.0000000000' },
  { usagetype: 'EU-Fargate-Windows-vCPU-Hours:perCPU', usd: '0.0465520000' },
  { usagetype: 'EU-Fargate-EphemeralStorage-GB-Hours', usd: '0.0001110000', unit: 'GB-Hours' },
  { usagetype: 'EUW1WL1-Fargate-GB-Hours', usd: '0.0060000000', regionCode: 'eu-west-1-wl1-dub' },
];
const ecs = priceListOf('AmazonECS', [...others, ...arm, ...x86]);
const vpc = priceListOf('AmazonVPC', [
  { usagetype: 'EU-PublicIPv4:IdleAddress', usd: '0.0060000000', unit: 'Hrs' },
  { usagetype: 'EU-PublicIPv4:InUseAddress', usd: '0.0050000000', unit: 'Hrs' },
  { usagetype: 'EU-PublicIPv4:InUseAddress', usd: '0.0000000000', unit: 'Hrs' },
]);
const ireland: PriceRow = ['eu-west-1', 0.03238, 0.00356, 0.04048, 0.004445, 0.005];

describe('the row of a region', () => {
  it('comes out of AWS’s files for ECS and VPC', () => {
    expect(rowOf('eu-west-1', ecs, vpc)).toEqual(ireland);
  });

  it.each([
    ['Fargate on arm64', priceListOf('AmazonECS', x86), vpc],
    ['Fargate on x86_64', priceListOf('AmazonECS', arm), vpc],
    ['public addresses', ecs, priceListOf('AmazonVPC', [])],
    ['prices on demand', ecs, { ...vpc, terms: {} }],
  ])('is missing in a region without %s', (_, ecsFile, vpcFile) => {
    expect(rowOf('eu-west-1', ecsFile, vpcFile)).toBeUndefined();
  });

  it.each<[reason: string, products: Product[], message: RegExp]>([
    [
      'two prices',
      [{ usagetype: 'EU-Fargate-GB-Hours', usd: '0.0050000000' }],
      /Fargate-GB-Hours in eu-west-1: got 0\.004445 USD per hours, 0\.005 USD per hours, expected one price per hour/,
    ],
    [
      'another unit',
      [{ usagetype: 'EU-Fargate-GB-Hours', usd: '0.0044450000', unit: 'Months' }],
      /got 0\.004445 USD per hours, 0\.004445 USD per Months, expected one price per hour/,
    ],
    ['no number', [{ usagetype: 'EU-Fargate-GB-Hours', usd: 'free' }], /got .*NaN USD per hours, expected one price/],
  ])('is refused with %s for one usage', (_, more, message) => {
    expect(() => rowOf('eu-west-1', priceListOf('AmazonECS', [...arm, ...x86, ...more]), vpc)).toThrow(message);
  });

  it('is refused if a file has another form', () => {
    expect(() => rowOf('eu-west-1', { products: [] }, vpc)).toThrow(/terms/);
  });
});

describe('the table', () => {
  const table = new Map([...listPrices].filter(([region]) => region === 'eu-west-1'));

  it('has no difference from a list with the same prices', () => {
    expect(differences(table, [ireland])).toEqual([]);
  });

  it('differs by the rows that changed, came or went', () => {
    const dearer: PriceRow = ['eu-west-1', 0.04, 0.00356, 0.04048, 0.004445, 0.005];
    const added: PriceRow = ['ap-east-1', 0.01, 0.02, 0.03, 0.04, 0.005];
    expect(differences(table, [dearer, added])).toEqual([
      "- ['eu-west-1', 0.03238, 0.00356, 0.04048, 0.004445, 0.005]",
      "+ ['eu-west-1', 0.04, 0.00356, 0.04048, 0.004445, 0.005]",
      "+ ['ap-east-1', 0.01, 0.02, 0.03, 0.04, 0.005]",
    ]);
  });

  it('is written as it stands, with its rows by name', async () => {
    const source = await readFile(join(import.meta.dirname, '../../contracts/prices.ts'), 'utf8');
    const rows = [...listPrices].map(
      ([region, { arm64, x86_64, publicIpv4 }]): PriceRow => [
        region,
        arm64.vcpu,
        arm64.gb,
        x86_64.vcpu,
        x86_64.gb,
        publicIpv4,
      ],
    );
    expect(withRows(source, rows.toReversed(), pricesDate)).toBe(source);
    const other = withRows(source, [ireland], '2027-01-31');
    expect(other).toContain("pricesDate = '2027-01-31'");
    expect(other).toContain(
      "const rows: readonly PriceRow[] = [\n  ['eu-west-1', 0.03238, 0.00356, 0.04048, 0.004445, 0.005],\n];\n",
    );
  });
});

it('npm run prices says in one sentence that AWS’s list is out of reach', async () => {
  // A fetch that always fails stands for a machine without a network.
  const offline =
    'data:text/javascript,globalThis.fetch = async () => { throw new TypeError("fetch failed", { cause: new Error("no network") }); };';
  const script = join(import.meta.dirname, '../../bin/prices.ts');
  const run = promisify(execFile)(process.execPath, ['--import', offline, script]);
  await expect(run).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      "AWS's price list could not be read (no network). Run this where https://pricing.us-east-1.amazonaws.com can be reached.\n",
  });
});
