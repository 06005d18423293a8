/** Times and money in words. */

const minute = 60;
const hour = 60 * minute;

/** A clock that runs down: `1:04:09`, `12:05`, `0:00`. */
export function countdown(seconds: number): string {
  const rest = Math.max(0, Math.ceil(seconds));
  const [h, m, s] = [Math.floor(rest / hour), Math.floor((rest % hour) / minute), rest % minute];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** For ears: `1 hour 4 minutes`, `12 minutes`, `less than a minute`. */
export function spokenTime(seconds: number): string {
  const minutes = Math.floor(Math.max(0, seconds) / minute);
  if (minutes === 0) return 'less than a minute';
  const parts = [counted(Math.floor(minutes / 60), 'hour'), counted(minutes % 60, 'minute')];
  return parts.filter((part) => !part.startsWith('0 ')).join(' ');
}

/** In a table: `1 h 4 min`, `12 min`, `40 s`. */
export function shortTime(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < minute) return `${whole} s`;
  const minutes = Math.round(whole / minute);
  const [h, m] = [Math.floor(minutes / 60), minutes % 60];
  return [...(h > 0 ? [`${h} h`] : []), ...(m > 0 ? [`${m} min`] : [])].join(' ');
}

/** The lifetimes that a person can choose, within the deployment's limit, longest last. */
export function lifetimes(maxTtlSeconds: number): readonly number[] {
  const usual = [15 * minute, 30 * minute, hour, 2 * hour, 4 * hour, 8 * hour, 12 * hour, 24 * hour];
  return [...usual.filter((seconds) => seconds < maxTtlSeconds), maxTtlSeconds];
}

/** The form of the query parameter `ttl`, which knows minutes as its smallest unit. */
export const ttlOf = (seconds: number): string => `${Math.max(1, Math.floor(seconds / minute))}m`;

/** `$0.0149` while cents would hide it, `$1.20` from ten cents on, and `$0.00` for nothing. */
export const dollars = (amount: number): string => `$${amount.toFixed(amount >= 0.00005 && amount < 0.1 ? 4 : 2)}`;

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Minutes before the end at which the page says how long is left. */
const warnings = [10, 5, 1];

/** The warning that is due between two moments, each as seconds before the end. */
export const dueWarning = (before: number, now: number): number | undefined =>
  warnings.find((minutes) => before > minutes * minute && now <= minutes * minute);
