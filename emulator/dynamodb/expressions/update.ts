/** Updates: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html */
import { invalid, notEmulated } from '../errors.ts';
import { type AttributeValue, type Item, membersOf, typeOf } from '../values.ts';
import type { Reader } from './reader.ts';

/** One change of one attribute. */
export type Action =
  | { readonly kind: 'SET' | 'ADD' | 'DELETE'; readonly attribute: string; readonly value: AttributeValue }
  | { readonly kind: 'REMOVE'; readonly attribute: string };

const sections = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;

/** Parses the whole expression that is being read. Throws an AwsError if it is no update, or more than is emulated. */
export function parseUpdate(reader: Reader): readonly Action[] {
  const actions = new Map<string, Action>();
  const read = new Set<string>();
  do {
    const kind = sections.find((section) => reader.take(section));
    if (kind === undefined) throw reader.syntaxError();
    if (read.has(kind)) {
      throw reader.invalid(`The "${kind}" section can only be used once in an update expression;`);
    }
    read.add(kind);
    do {
      const action = parseAction(reader, kind);
      const { attribute } = action;
      if (actions.has(attribute)) {
        throw reader.invalid(
          'Two document paths overlap with each other; must remove or rewrite one of these paths; ' +
            `path one: [${attribute}], path two: [${attribute}]`,
        );
      }
      actions.set(attribute, action);
    } while (reader.take(','));
  } while (reader.peek() !== '');
  return [...actions.values()];
}

function parseAction(reader: Reader, kind: Action['kind']): Action {
  const attribute = reader.expectAttribute();
  if (kind === 'REMOVE') return { kind, attribute };
  if (kind === 'SET') {
    reader.expect('=');
    const value = reader.takeValue();
    if (value === undefined || /^[+-]$/.test(reader.peek())) {
      throw notEmulated('SET to anything but one value of ExpressionAttributeValues');
    }
    return { kind, attribute, value };
  }
  const value = reader.takeValue();
  if (value === undefined) throw reader.syntaxError();
  if (membersOf(value) === undefined) {
    if (kind === 'ADD' && 'N' in value) throw notEmulated('ADD of a number');
    const type = typeNames[typeOf(value)];
    throw reader.invalid(`Incorrect operand type for operator or function; operator: ${kind}, operand type: ${type}`);
  }
  return { kind, attribute, value };
}

const typeNames: Readonly<Record<string, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
};

/** Returns the item after the changes. Throws an AwsError if an attribute has another type than its change needs. */
export function updated(item: Item, actions: readonly Action[]): Item {
  const result: Record<string, AttributeValue> = Object.assign(Object.create(null), item);
  for (const action of actions) {
    const value = action.kind === 'REMOVE' ? undefined : valueAfter(action, item[action.attribute]);
    if (value === undefined) delete result[action.attribute];
    else result[action.attribute] = value;
  }
  return result;
}

function valueAfter(
  { kind, value }: Exclude<Action, { readonly kind: 'REMOVE' }>,
  before: AttributeValue | undefined,
): AttributeValue | undefined {
  if (kind === 'SET') return value;
  if (before === undefined) return kind === 'ADD' ? value : undefined;
  if (typeOf(before) !== typeOf(value)) throw invalid('An operand in the update expression has an incorrect data type');
  const [members, others] = [membersOf(before) ?? [], membersOf(value) ?? []];
  return withMembers(
    before,
    kind === 'ADD'
      ? [...members, ...others.filter((member) => !members.includes(member))]
      : members.filter((member) => !others.includes(member)),
  );
}

/** Returns a set of the same type, or undefined for an empty one, which an item can't have. */
function withMembers(set: AttributeValue, members: readonly string[]): AttributeValue | undefined {
  if (members.length === 0) return undefined;
  if ('SS' in set) return { SS: members };
  return 'NS' in set ? { NS: members } : { BS: members };
}

/** Returns those of the changed attributes that the item has. */
export function changedAttributes(item: Item, actions: readonly Action[]): Item {
  return Object.fromEntries(
    actions.flatMap(({ attribute }) => {
      const value = item[attribute];
      return value === undefined ? [] : [[attribute, value] as const];
    }),
  );
}
