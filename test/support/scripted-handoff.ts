/** Taking a handoff as the agents in `agent-image/shared` do, with their bounds. */
import type { Clock } from '../../emulator/clock.ts';
import { secondMs } from './time.ts';
import type { TaskHandoff } from './webhook-agent.ts';

const fetching = { withinMs: 60 * secondMs, pauseMs: 500 };
const deletion = { attempts: 10, pauseMs: 500 };

interface Agent {
  readonly clock: Clock;
  readonly isRunning: () => boolean;
}

/** Returns undefined if there is no item in time. */
export async function fetchHandoff({ read }: TaskHandoff, { clock, isRunning }: Agent) {
  const deadline = clock.now() + fetching.withinMs;
  while (isRunning() && clock.now() < deadline) {
    const values = await read().catch(() => undefined);
    if (values !== undefined) return values;
    await clock.sleep(fetching.pauseMs);
  }
  return undefined;
}

/** Returns false if every attempt failed. */
export async function deleteHandoff({ remove }: TaskHandoff, { clock, isRunning }: Agent): Promise<boolean> {
  for (let attempt = 0; attempt < deletion.attempts && isRunning(); attempt++) {
    if (attempt > 0) await clock.sleep(deletion.pauseMs);
    const isDone = await remove().then(
      () => true,
      () => false,
    );
    if (isDone) return true;
  }
  return false;
}

/** The pauses of the agents in `agent-image/ssh`, once they are up. */
export const attending = { tickMs: secondMs, quickForMs: 20 * secondMs, slowTickMs: 20 * secondMs };
