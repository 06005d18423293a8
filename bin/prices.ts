/**
 * Compares `contracts/prices.ts` with AWS's own price list. `npm run prices` prints each difference, and with `-- --write` writes
 * the table anew. AWS's files need no account.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { listPrices, type PriceRow, type RegionPrices } from '../contracts/prices.ts';

const server = 'https://pricing.us-east-1.amazonaws.com';

/**
 * The part of a price list file that we read: products by SKU, and their prices by SKU, term and rate.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
 */
const priceList = v.object({
  products: v.record(
    v.string(),
    v.object({ attributes: v.object({ usagetype: v.optional(v.string()), regionCode: v.optional(v.string()) }) }),
  ),
  terms: v.object({
    OnDemand: v.optional(
      v.record(
        v.string(),
        v.record(
          v.string(),
          v.object({
            priceDimensions: v.record(
              v.string(),
              v.object({ unit: v.string(), pricePerUnit: v.object({ USD: v.optional(v.string()) }) }),
            ),
          }),
        ),
      ),
      {},
    ),
  }),
});

type PriceList = v.InferOutput<typeof priceList>;

/** https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/service-region-index-file-for-service.html */
const regionIndex = v.object({
  regions: v.record(v.string(), v.object({ regionCode: v.string(), currentVersionUrl: v.string() })),
});

/** Usage types without the region's prefix, which is `EU-` for eu-west-1 and `APN1-` for ap-northeast-1. */
const usageTypes = {
  armVcpu: 'Fargate-ARM-vCPU-Hours:perCPU',
  armGb: 'Fargate-ARM-GB-Hours',
  x86Vcpu: 'Fargate-vCPU-Hours:perCPU',
  x86Gb: 'Fargate-GB-Hours',
  publicIpv4: 'PublicIPv4:InUseAddress',
};

/**
 * Reads a region's row out of its two price list files. Undefined if one of the prices is missing: the region has no Fargate for
 * the processor. Throws if a file has another form, or two prices for the same usage.
 */
export function rowOf(region: string, ecsFile: unknown, vpcFile: unknown): PriceRow | undefined {
  const ecs = v.parse(priceList, ecsFile);
  const vpc = v.parse(priceList, vpcFile);
  const armVcpu = priceOf(ecs, region, usageTypes.armVcpu);
  const armGb = priceOf(ecs, region, usageTypes.armGb);
  const x86Vcpu = priceOf(ecs, region, usageTypes.x86Vcpu);
  const x86Gb = priceOf(ecs, region, usageTypes.x86Gb);
  const publicIpv4 = priceOf(vpc, region, usageTypes.publicIpv4);
  if (!armVcpu || !armGb || !x86Vcpu || !x86Gb || !publicIpv4) return undefined;
  return [region, armVcpu, armGb, x86Vcpu, x86Gb, publicIpv4];
}

function priceOf({ products, terms }: PriceList, region: string, usageType: string): number | undefined {
  const found = Object.entries(products)
    .filter(([, { attributes }]) => attributes.regionCode === region)
    .filter(([, { attributes }]) => attributes.usagetype?.replace(/^[A-Z0-9]+-/, '') === usageType)
    .flatMap(([sku]) => Object.values(terms.OnDemand[sku] ?? {}))
    .flatMap(({ priceDimensions }) => Object.values(priceDimensions))
    .map(({ unit, pricePerUnit }) => ({ unit, price: Number(pricePerUnit.USD) }))
    .filter(({ price }) => price !== 0); // the free tier
  const [first, ...others] = new Set(found.map(({ price }) => price));
  if (others.length > 0 || Number.isNaN(first) || found.some(({ unit }) => !/^(hours|hrs)$/i.test(unit))) {
    const got = found.map(({ unit, price }) => `${price} USD per ${unit}`).join(', ');
    throw new Error(`AWS's price of ${usageType} in ${region}: got ${got}, expected one price per hour in dollars.`);
  }
  return first;
}

/** One line for each row that the table and AWS's list do not share. */
export function differences(table: ReadonlyMap<string, RegionPrices>, awsRows: readonly PriceRow[]): readonly string[] {
  const ours = [...table].map(
    ([region, { arm64, x86_64, publicIpv4 }]): PriceRow => [
      region,
      arm64.vcpu,
      arm64.gb,
      x86_64.vcpu,
      x86_64.gb,
      publicIpv4,
    ],
  );
  const [ourLines, awsLines] = [ours.map(lineOf), awsRows.map(lineOf)];
  return [
    ...ourLines.filter((line) => !awsLines.includes(line)).map((line) => `- ${line}`),
    ...awsLines.filter((line) => !ourLines.includes(line)).map((line) => `+ ${line}`),
  ];
}

/** The source of `contracts/prices.ts` with other rows and another date. */
export function withRows(source: string, rows: readonly PriceRow[], date: string): string {
  const lines = rows.toSorted(([a], [b]) => (a < b ? -1 : 1)).map((row) => `  ${lineOf(row)},\n`);
  return source
    .replace(/(?<=export const pricesDate = ')[^']*/, date)
    .replace(/(?<=const rows: readonly PriceRow\[\] = \[\n).*?(?=\];\n)/s, lines.join(''));
}

const lineOf = ([region, ...prices]: PriceRow): string => `['${region}', ${prices.join(', ')}]`;

async function readAwsRows(): Promise<PriceRow[]> {
  const [ecsUrls, vpcUrls] = await Promise.all([urlsOf('AmazonECS'), urlsOf('AmazonVPC')]);
  const rows: PriceRow[] = [];
  for (const [region, ecsUrl] of ecsUrls) {
    const vpcUrl = vpcUrls.get(region);
    if (vpcUrl === undefined) continue;
    const [ecs, vpc] = await Promise.all([read(ecsUrl), read(vpcUrl)]);
    const row = rowOf(region, ecs, vpc);
    if (row) rows.push(row);
  }
  return rows;
}

/** The path of a service's price list file for each region. */
async function urlsOf(service: string): Promise<ReadonlyMap<string, string>> {
  const { regions } = v.parse(regionIndex, await read(`/offers/v1.0/aws/${service}/current/region_index.json`));
  return new Map(Object.values(regions).map(({ regionCode, currentVersionUrl }) => [regionCode, currentVersionUrl]));
}

async function read(path: string): Promise<unknown> {
  try {
    const reply = await fetch(`${server}${path}`, { signal: AbortSignal.timeout(60_000) });
    if (reply.ok) return await reply.json();
    throw new Error(`${path} answered ${reply.status}`);
  } catch (error) {
    throw new Error(
      `AWS's price list could not be read (${reasonOf(error)}). Run this where ${server} can be reached.`,
      { cause: error },
    );
  }
}

/** The error that fetch wraps says more than fetch's own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
  const rows = await readAwsRows();
  const lines = differences(listPrices, rows);
  if (values.write) {
    const file = join(import.meta.dirname, '../contracts/prices.ts');
    await writeFile(file, withRows(await readFile(file, 'utf8'), rows, new Date().toISOString().slice(0, 10)));
  }
  console.log(lines.length === 0 ? `contracts/prices.ts is AWS's list, in ${rows.length} regions.` : lines.join('\n'));
  return lines.length === 0 || values.write ? 0 : 1;
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: Error) => {
    console.error(error.message);
    return 1;
  });
}
