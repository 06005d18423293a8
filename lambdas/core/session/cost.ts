import { processors } from '../../../contracts/agent.ts';
import type { Cost, PoolView } from '../../../contracts/api.ts';
import { hoursPerWeek } from '../../../contracts/pool-hours.ts';
import { poolPricePerMonth, pricePerHour, type TaskSize } from '../../../contracts/prices.ts';
import type { PoolPlan } from './pool.ts';
import type { Instant, Session } from './session.ts';

/** The size of the deployment's tasks, and the region that they run in. */
export interface TaskPlace {
  readonly region: string | undefined;
  readonly size: TaskSize;
}

/** Fargate bills a task by the second, and for a minute at least. https://aws.amazon.com/fargate/pricing/ */
const leastSeconds = 60;
const secondsPerHour = 3600;

/**
 * The list price of a session's task and of its public IPv4 address. Undefined where the region's prices are not known.
 *
 * - The session counts from its creation to its end, and while it lives to now, in whole seconds that have begun. Fargate's own
 *   count begins some seconds later, with the image pull, and ends some seconds later, with the task.
 * - Every session counts for a minute at least, also one whose task never ran. The row of a failed start can't tell whether AWS
 *   had begun to count, so the figure is the most that this start can have cost.
 * - The size is the deployment's of today, also for a session that ended before a change of it.
 */
export function costOf(session: Session, { region, size }: TaskPlace, now: Instant): Cost | undefined {
  if (region === undefined) return undefined;
  const perHour = pricePerHour(region, processors[session.agent.kind], size);
  if (perHour === undefined) return undefined;
  const seconds = Math.ceil(((session.endedAt ?? now) - session.createdAt) / 1000);
  const soFar = (perHour * Math.max(seconds, leastSeconds)) / secondsPerHour;
  return { perHour: rounded(perHour), soFar: rounded(soFar), currency: 'USD' };
}

/** The list price of a full pool of people's bastions per month. Undefined where the region's prices are not known. */
export function poolCost(
  { poolSize, poolHours }: Pick<PoolPlan, 'poolSize' | 'poolHours'>,
  { region, size }: TaskPlace,
): PoolView['cost'] | undefined {
  const pool = { size: poolSize, hoursPerWeek: hoursPerWeek(poolHours), task: size };
  const perMonth = region === undefined ? undefined : poolPricePerMonth(region, pool);
  return perMonth === undefined ? undefined : { perMonth: Math.round(perMonth * 100) / 100, currency: 'USD' };
}

/** To a hundredth of a cent. */
const rounded = (dollars: number): number => Math.round(dollars * 10_000) / 10_000;
