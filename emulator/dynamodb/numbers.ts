/**
 * Numbers as DynamoDB has them: decimals of up to 38 digits, which go over the wire as text.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
 */
import { invalid } from './errors.ts';

const maxDigits = 38;
const maxExponent = 125;
const minExponent = -130;

const plainInteger = /^(0|-?[1-9]\d{0,37})$/;
const decimal = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** Returns the number as DynamoDB returns it: without an exponent, and without zeros that change nothing. */
export function normalizedNumber(text: string): string {
  if (plainInteger.test(text)) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = decimal.exec(text) ?? [];
  if (whole + fraction === '') {
    const shown = text === '' ? '' : `: ${text}`;
    throw invalid(`The parameter cannot be converted to a numeric value${shown}`);
  }
  const significant = (whole + fraction).replace(/^0+/, '');
  const digits = significant.replace(/0+$/, '');
  if (digits === '') return '0';
  /** The position of the first digit: 0 for 1 to 9. */
  const magnitude = significant.length - 1 - fraction.length + Number(exponent);
  if (magnitude > maxExponent) throw outOfRange('overflow', 'larger');
  if (magnitude < minExponent) throw outOfRange('underflow', 'smaller');
  if (digits.length > maxDigits) throw invalid('Attempting to store more than 38 significant digits in a Number');
  return sign + plain(digits, magnitude);
}

function outOfRange(name: string, comparison: string) {
  return invalid(`Number ${name}. Attempting to store a number with magnitude ${comparison} than supported range`);
}

function plain(digits: string, magnitude: number): string {
  if (magnitude < 0) return `0.${'0'.repeat(-magnitude - 1)}${digits}`;
  if (digits.length <= magnitude + 1) return digits.padEnd(magnitude + 1, '0');
  return `${digits.slice(0, magnitude + 1)}.${digits.slice(magnitude + 1)}`;
}

/** Compares two normalized numbers. Returns a negative number, 0, or a positive number. */
export function compareNumbers(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  // Rounding to a double keeps the order, but may make neighbours equal.
  return difference !== 0 || a === b ? difference : compareExactly(a, b);
}

function compareExactly(a: string, b: string): number {
  const places = Math.max(fractionOf(a).length, fractionOf(b).length);
  const difference = scaled(a, places) - scaled(b, places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const fractionOf = (number: string): string => number.split('.')[1] ?? '';

const scaled = (number: string, places: number): bigint =>
  BigInt(number.replace('.', '') + '0'.repeat(places - fractionOf(number).length));

/** Returns about the bytes that a number takes: one for each two digits, and one. */
export function sizeOfNumber(number: string): number {
  return Math.ceil(number.replace(/^-?[0.]*/, '').replace('.', '').length / 2) + 1;
}
