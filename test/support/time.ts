import type { Clock } from '../../emulator/clock.ts';

/** Durations in milliseconds: `5 * minuteMs`. */
export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** The clock of a machine that is ahead by this much. */
export const ahead = (clock: Clock, byMs: number) => ({
  now: () => clock.now() + byMs,
  sleep: (ms: number) => clock.sleep(ms),
});
