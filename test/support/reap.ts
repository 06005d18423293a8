import type { Deployment } from './deployment.ts';
import { hourMs } from './time.ts';

/**
 * Lets hours pass in a deployment without schedules. The reaper passes at the end of each hour, for a pass a minute costs a test
 * seconds of its time.
 */
export async function reapHourly(bastions: Deployment, hours: number): Promise<void> {
  for (let rest = hours; rest > 0; rest--) {
    await bastions.clock.advance(Math.min(rest, 1) * hourMs);
    const { functionError } = await bastions.invoke('Reaper');
    if (functionError) throw new Error(`Got ${functionError} from the reaper, expected a pass without error.`);
  }
}
