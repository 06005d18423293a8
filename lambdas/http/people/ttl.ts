import { InvalidRequest } from '../../core/session/errors.ts';
import { shown } from '../../core/session/shown.ts';

const secondsPer = { m: 60, h: 3600 } as const;

/** Converts `90m` or `2h` to seconds. Throws `InvalidRequest` for any other form, for zero, and beyond `maxTtlSeconds`. */
export function parseTtl(value: string, maxTtlSeconds: number): number {
  const [, digits, unit] = /^([0-9]{1,6})([mh])$/.exec(value) ?? [];
  const seconds = digits && (unit === 'm' || unit === 'h') ? Number(digits) * secondsPer[unit] : 0;
  if (seconds > 0 && seconds <= maxTtlSeconds) return seconds;
  throw new InvalidRequest(
    `ttl: got "${shown(value)}", expected <number>m or <number>h, from 1m to ${Math.floor(maxTtlSeconds / 60)}m.`,
  );
}
