/**
 * AWS's list prices of a running task, by region. The functions show the cost of a session by them.
 *
 * AWS publishes them without a login: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api-fetching-price-list-files-manually.html
 * The pages for people are https://aws.amazon.com/fargate/pricing/ and https://aws.amazon.com/vpc/pricing/.
 * `npm run prices` compares this table with AWS's own files, and `npm run prices -- --write` writes it anew.
 *
 * The first rows were collected from public texts that quote AWS's list, most of them its files of 2026. One was inferred:
 * us-west-2 shares the x86_64 prices of us-east-1, and so its arm64 prices too. A region that no text quotes is left out, and
 * the replies show no cost there.
 */
import { type Processor, processors } from './agent.ts';

/** The day on which the table was last filled or compared. */
export const pricesDate = '2026-11-27';

export interface RegionPrices {
  readonly arm64: FargatePrices;
  readonly x86_64: FargatePrices;
  /** Dollars per hour of a public IPv4 address in use. */
  readonly publicIpv4: number;
}

/** Dollars per hour on Linux. The 20 GB of disk that each task has cost nothing. */
export interface FargatePrices {
  readonly vcpu: number;
  readonly gb: number;
}

/** A region's prices in one line: vCPU and GB on arm64, vCPU and GB on x86_64, and the IPv4 address. */
export type PriceRow = readonly [
  region: string,
  armVcpu: number,
  armGb: number,
  x86Vcpu: number,
  x86Gb: number,
  publicIpv4: number,
];

const rows: readonly PriceRow[] = [
  ['ap-northeast-1', 0.04045, 0.00442, 0.05056, 0.00553, 0.005],
  ['ap-northeast-2', 0.03725, 0.00409, 0.04656, 0.00511, 0.005],
  ['ap-south-1', 0.02383, 0.00261, 0.04256, 0.004655, 0.005],
  ['ap-southeast-1', 0.04045, 0.00442, 0.05056, 0.00553, 0.005],
  ['ap-southeast-2', 0.03885, 0.00426, 0.04856, 0.00532, 0.005],
  ['ca-central-1', 0.03565, 0.00389, 0.04456, 0.004865, 0.005],
  ['eu-central-1', 0.03725, 0.00409, 0.04656, 0.00511, 0.005],
  ['eu-north-1', 0.0356, 0.00392, 0.0445, 0.0049, 0.005],
  ['eu-west-1', 0.03238, 0.00356, 0.04048, 0.004445, 0.005],
  ['eu-west-2', 0.03725, 0.00409, 0.04656, 0.00511, 0.005],
  ['sa-east-1', 0.0557, 0.00612, 0.0696, 0.0076, 0.005],
  ['us-east-1', 0.03238, 0.00356, 0.04048, 0.004445, 0.005],
  ['us-east-2', 0.03238, 0.00356, 0.04048, 0.004445, 0.005],
  ['us-west-1', 0.03725, 0.00409, 0.04656, 0.00511, 0.005],
  ['us-west-2', 0.03238, 0.00356, 0.04048, 0.004445, 0.005],
];

/** The prices of each region that the table knows. */
export const listPrices: ReadonlyMap<string, RegionPrices> = new Map(
  rows.map(([region, armVcpu, armGb, x86Vcpu, x86Gb, publicIpv4]) => [
    region,
    { arm64: { vcpu: armVcpu, gb: armGb }, x86_64: { vcpu: x86Vcpu, gb: x86Gb }, publicIpv4 },
  ]),
);

/** The size of a task as its task definition has it. */
export interface TaskSize {
  /** CPU units. 1024 are one vCPU. */
  readonly cpu: number;
  readonly memoryMiB: number;
}

/** Dollars per hour of a task with a public IPv4 address, unrounded. Undefined where the region's prices are not known. */
export function pricePerHour(region: string, processor: Processor, { cpu, memoryMiB }: TaskSize): number | undefined {
  const prices = listPrices.get(region);
  if (prices === undefined) return undefined;
  const { vcpu, gb } = prices[processor];
  return (cpu / 1024) * vcpu + (memoryMiB / 1024) * gb + prices.publicIpv4;
}

/** Bastions of one size that wait for their owners. */
export interface Pool {
  readonly size: number;
  readonly hoursPerWeek: number;
  readonly task: TaskSize;
}

/** The weeks of an average month: 365.25 days a year, 7 a week, and 12 months. */
const weeksPerMonth = 365.25 / 7 / 12;

/**
 * Dollars per month of a full pool: price per hour × size × hours per week × weeks per month, unrounded. A taken bastion is its
 * owner's cost, and its successor the pool's. The requests of the agents are left out.
 * @returns undefined where the region's prices are not known
 */
export function poolPricePerMonth(region: string, { size, hoursPerWeek, task }: Pool): number | undefined {
  const perHour = pricePerHour(region, processors.ssh, task);
  return perHour === undefined ? undefined : perHour * size * hoursPerWeek * weeksPerMonth;
}
