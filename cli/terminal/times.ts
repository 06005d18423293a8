/** Moments and spans of time in words. */

/** `58 min`, `2 h 5 min`, `under 1 min`. */
export function span(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'under 1 min';
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** The local time of day, with its date in front unless that is today's. */
export function localTime(iso: string, now: number): string {
  const moment = new Date(iso);
  const time = `${two(moment.getHours())}:${two(moment.getMinutes())}`;
  const date = (one: Date) => `${one.getFullYear()}-${two(one.getMonth() + 1)}-${two(one.getDate())}`;
  return date(moment) === date(new Date(now)) ? time : `${date(moment)} ${time}`;
}

const two = (number: number): string => String(number).padStart(2, '0');
