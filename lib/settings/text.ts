/** The forms in which a deployer types values, with `-c name=value` or in the `context` of cdk.json. */
import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';

export interface Form {
  /** The value of a text. A text in another form stays as it is, for the prop's rule to refuse. */
  readonly read: (typed: unknown) => unknown;
  /** Ends the sentence that says which value is expected. */
  readonly hint: string;
}

const reading = (read: (text: string) => unknown, hint = ''): Form => ({
  read: (typed) => (typeof typed === 'string' ? read(typed.trim()) : typed),
  hint,
});

export const word = reading((text) => text);

export const number = reading((text) => (/^\d{1,9}$/.test(text) ? Number(text) : text));

/** cdk.json can also hold a boolean. */
export const flag = reading((text) => ({ true: true, false: false })[text] ?? text);

export const list = reading((text) => text.split(',').map((item) => item.trim()), ', separated by commas');

const units: Readonly<Record<string, (amount: number) => Duration>> = {
  s: Duration.seconds,
  m: Duration.minutes,
  h: Duration.hours,
  d: Duration.days,
};

export const duration = reading((text) => {
  const [, amount, unit = ''] = /^([1-9]\d{0,7})([smhd])$/.exec(text) ?? [];
  return units[unit]?.(Number(amount)) ?? text;
}, ', such as 90m, 8h or 7d');

export const portOrRange = reading((text) => {
  const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  if (first === undefined) return text;
  return last === undefined ? Number(first) : { first: Number(first), last: Number(last) };
}, ', such as 22 or 20000-20999');

/** A value as a deployer types it. Undefined is the empty text. */
export function textOf(value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.join(',');
  if (Construct.isConstruct(value)) return value.node.path;
  if (value instanceof Duration) return durationText(value);
  if (value instanceof Object && 'first' in value && 'last' in value) return `${value.first}-${value.last}`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A value in a message. */
export const shown = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(textOf(value));

/** In the largest unit that divides it. Days only from two on: one day is 24h. */
function durationText(duration: Duration): string {
  const seconds = duration.toSeconds({ integral: false });
  const sizes = [
    { unit: 'd', size: 86_400, from: 2 },
    { unit: 'h', size: 3600, from: 1 },
    { unit: 'm', size: 60, from: 1 },
  ];
  const { unit, size } = sizes.find(({ size, from }) => seconds % size === 0 && seconds >= from * size) ?? {
    unit: 's',
    size: 1,
  };
  return `${seconds / size}${unit}`;
}
