const invisible = /[^\x20-\x7e]/gu;

/** A received value for an error message: cut to `most` characters, with every character that a terminal may hide as its code point. */
export function shown(value: string, most = 40): string {
  const start = value.slice(0, most);
  const visible = start.replace(invisible, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
  return start === value ? visible : `${visible}…`;
}

export const hasInvisible = (value: string): boolean => value.search(invisible) >= 0;

/** A time of day in UTC: `14:05`. @param instant epoch milliseconds */
export function clockTime(instant: number): string {
  const minutes = Math.floor(instant / 60_000);
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  return `${twoDigits(Math.floor(minutes / 60) % 24)}:${twoDigits(minutes % 60)}`;
}

/** A duration in whole minutes, at least one: `15 minutes`. @param ms milliseconds */
export function inMinutes(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
