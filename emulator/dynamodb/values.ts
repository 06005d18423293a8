/** Items and the values of their attributes, in the form in which they go over the wire. */
import type { AwsError } from '../wire.ts';
import { invalid, notSerializable } from './errors.ts';
import { compareNumbers, normalizedNumber, sizeOfNumber } from './numbers.ts';

export type KeyType = 'S' | 'N' | 'B';
type SetType = 'SS' | 'NS' | 'BS';

/** A value: the name of its type, and the content. Binary content is in base64. */
export type AttributeValue =
  | { readonly [Type in KeyType]: { readonly [Name in Type]: string } }[KeyType]
  | { readonly [Type in SetType]: { readonly [Name in Type]: readonly string[] } }[SetType]
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item };

/** The attributes of an item by name. No item is ever changed, so that items can be shared. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** The item that conditions read in place of one that does not exist. */
export const emptyItem: Item = Object.freeze(Object.create(null));

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-attributes */
const maxDepth = 32;

/** Parses an item, a key, or the values of an expression. Throws an AwsError if one of its values is invalid. */
export function parseItem(input: unknown, depth = 0): Item {
  if (!isRecord(input)) throw notSerializable('Start of structure or map expected where not found');
  // Without a prototype, so that an attribute may be called `constructor` or `__proto__`.
  const item: Record<string, AttributeValue> = Object.create(null);
  for (const name of Object.keys(input)) item[name] = parseValue(input[name], depth);
  return item;
}

function isRecord(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function parseValue(input: unknown, depth: number): AttributeValue {
  if (!isRecord(input)) throw notSerializable('Unexpected value type in payload');
  const [type, ...others] = Object.keys(input).filter((key) => kinds.has(key) && input[key] !== null);
  if (type === undefined) {
    throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  if (others.length > 0) {
    throw invalid(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  return parseContent(type, input[type], depth);
}

const kinds: ReadonlySet<string> = new Set(['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M']);

function parseContent(type: string, content: unknown, depth: number): AttributeValue {
  switch (type) {
    case 'S':
      return { S: text(content) };
    case 'N':
      return { N: normalizedNumber(text(content)) };
    case 'B':
      return { B: base64(content) };
    case 'BOOL':
      return { BOOL: flag(content) };
    case 'SS':
      return { SS: parseSet(content, text, setRefusals.SS) };
    case 'NS':
      return { NS: parseSet(content, (one) => normalizedNumber(text(one)), setRefusals.NS) };
    case 'BS':
      return { BS: parseSet(content, base64, setRefusals.BS) };
    case 'L':
      return { L: list(content).map((one) => parseValue(one, deeper(depth))) };
    case 'M':
      return { M: parseItem(content, deeper(depth)) };
    default:
      if (flag(content)) return { NULL: true };
      throw invalidValue('Null attribute value types must have the value of true');
  }
}

const invalidValue = (reason: string) => invalid(`One or more parameter values were invalid: ${reason}`);

function deeper(depth: number): number {
  if (depth + 1 < maxDepth) return depth + 1;
  throw invalidValue(
    'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
  );
}

function text(content: unknown): string {
  if (typeof content === 'string') return content;
  throw notSerializable(`Got ${typeof content}, expected a text`);
}

function flag(content: unknown): boolean {
  if (typeof content === 'boolean') return content;
  throw notSerializable(`Got ${typeof content}, expected true or false`);
}

function list(content: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content;
  throw notSerializable(`Got ${typeof content}, expected a list`);
}

function base64(content: unknown): string {
  const encoded = text(content);
  if (Buffer.from(encoded, 'base64').toString('base64') === encoded) return encoded;
  throw notSerializable('Base64 encoded length is expected a multiple of 4 bytes, without other characters');
}

interface SetRefusals {
  readonly empty: () => AwsError;
  readonly duplicates: (members: readonly string[]) => AwsError;
}

/** DynamoDB has other words for each type of set. */
const setRefusals: Readonly<Record<SetType, SetRefusals>> = {
  SS: {
    empty: () => invalidValue('An string set  may not be empty'),
    duplicates: (members) => invalidValue(`Input collection [${members.join(', ')}] contains duplicates.`),
  },
  NS: {
    empty: () => invalidValue('An number set  may not be empty'),
    duplicates: () => invalid('Input collection contains duplicates'),
  },
  BS: {
    empty: () => invalidValue('Binary sets should not be empty'),
    duplicates: (members) => invalidValue(`Input collection [${members.join(', ')}]of type BS contains duplicates.`),
  },
};

function parseSet(content: unknown, parse: (one: unknown) => string, refusals: SetRefusals): readonly string[] {
  const members = list(content).map(parse);
  if (members.length === 0) throw refusals.empty();
  if (new Set(members).size < members.length) throw refusals.duplicates(members);
  return members;
}

/** Returns the name of the value's type, as it goes over the wire. */
export function typeOf(value: AttributeValue): string {
  return Object.keys(value)[0] ?? '';
}

/** Returns the members of a set, or undefined for a value that is no set. */
export function membersOf(value: AttributeValue): readonly string[] | undefined {
  if ('SS' in value) return value.SS;
  if ('NS' in value) return value.NS;
  return 'BS' in value ? value.BS : undefined;
}

/** Says whether two values are of the same type and have the same content. Sets have no order. */
export function equals(a: AttributeValue, b: AttributeValue): boolean {
  if (typeOf(a) !== typeOf(b)) return false;
  const [members, others] = [membersOf(a), membersOf(b)];
  if (members && others) return members.length === others.length && members.every((member) => others.includes(member));
  if ('L' in a && 'L' in b) {
    return a.L.length === b.L.length && a.L.every((one, at) => isSame(one, b.L[at]));
  }
  if ('M' in a && 'M' in b) {
    const names = Object.keys(a.M);
    return names.length === Object.keys(b.M).length && names.every((name) => isSame(a.M[name], b.M[name]));
  }
  return Object.values(a)[0] === Object.values(b)[0];
}

const isSame = (a?: AttributeValue, b?: AttributeValue): boolean => a !== undefined && b !== undefined && equals(a, b);

/** Compares two values. Returns undefined if they have no order, and else a negative number, 0, or a positive number. */
export function compare(a: AttributeValue, b: AttributeValue): number | undefined {
  if ('S' in a && 'S' in b) return compareTexts(a.S, b.S);
  if ('N' in a && 'N' in b) return compareNumbers(a.N, b.N);
  return 'B' in a && 'B' in b ? Buffer.compare(bytesOf(a.B), bytesOf(b.B)) : undefined;
}

/** Compares two texts by their bytes in UTF-8, which is not the order of their UTF-16 units. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return /[\ud800-\udfff]/.test(a + b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : 1;
}

export const bytesOf = (encoded: string): Buffer => Buffer.from(encoded, 'base64');

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export function sizeOf(item: Item): number {
  let size = 0;
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (value !== undefined) size += Buffer.byteLength(name) + sizeOfValue(value);
  }
  return size;
}

function sizeOfValue(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return sizeOfNumber(value.N);
  if ('B' in value) return Buffer.byteLength(value.B, 'base64');
  if ('L' in value) return value.L.reduce((size, one) => size + 1 + sizeOfValue(one), 3);
  if ('M' in value) return 3 + Object.keys(value.M).length + sizeOf(value.M);
  const sizeOfMember = 'NS' in value ? sizeOfNumber : (member: string) => Buffer.byteLength(member);
  return membersOf(value)?.reduce((size, member) => size + sizeOfMember(member), 0) ?? 1;
}
