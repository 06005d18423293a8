import type { Clock, Log } from '../session/ports.ts';

const freshForMs = 10_000;

/** Makes a check that asks `probe` at most once every 10 s, however often it is called. */
export function healthCheck(clock: Clock, log: Log, probe: () => Promise<void>): () => Promise<boolean> {
  let last: { at: number; healthy: Promise<boolean> } | undefined;
  return () => {
    if (!last || clock.now() - last.at >= freshForMs) last = { at: clock.now(), healthy: isHealthy(probe, log) };
    return last.healthy;
  };
}

async function isHealthy(probe: () => Promise<void>, log: Log): Promise<boolean> {
  try {
    await probe();
    return true;
  } catch (error) {
    log.error('unhealthy', { error });
    return false;
  }
}
