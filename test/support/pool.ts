/** Steps of tests with a pool of two. */
import { deployPooled } from './deploy.ts';
import type { Deployment } from './deployment.ts';
import { minuteMs } from './time.ts';

/** Deploys, and gives the pool the time to fill. */
export async function filledPool(options?: Parameters<typeof deployPooled>[0]): Promise<Deployment> {
  const bastions = await deployPooled(options);
  await bastions.clock.advance(2 * minuteMs);
  return bastions;
}

export const rowsIn = async (bastions: Deployment, state: string) =>
  (await bastions.rows()).filter((row) => row.state === state);
