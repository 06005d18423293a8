import { type AttributeValue, bytesOf, compare, equals, type Item, membersOf, typeOf } from '../values.ts';
import type { Comparator, Condition, Operand } from './condition.ts';

/** Says whether the item meets the condition. An item that does not exist is one without attributes. */
export function matches(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and':
      return matches(condition.left, item) && matches(condition.right, item);
    case 'or':
      return matches(condition.left, item) || matches(condition.right, item);
    case 'not':
      return !matches(condition.condition, item);
    case 'attribute_exists':
      return item[condition.attribute] !== undefined;
    case 'attribute_not_exists':
      return item[condition.attribute] === undefined;
    case 'comparison':
      return holds(condition.comparator, resolved(condition.left, item), resolved(condition.right, item));
    case 'between': {
      const value = resolved(condition.operand, item);
      return holds('>=', value, resolved(condition.lower, item)) && holds('<=', value, resolved(condition.upper, item));
    }
    case 'in': {
      const value = resolved(condition.operand, item);
      return condition.candidates.some((candidate) => holds('=', value, resolved(candidate, item)));
    }
    default:
      return holdsForBoth(condition.kind, resolved(condition.operand, item), resolved(condition.argument, item));
  }
}

function resolved(operand: Operand, item: Item): AttributeValue | undefined {
  if ('value' in operand) return operand.value;
  if ('attribute' in operand) return item[operand.attribute];
  const value = item[operand.sizeOf];
  const size = value && lengthOf(value);
  return size === undefined ? undefined : { N: String(size) };
}

/** Returns the result of `size`, or undefined for a value that has no size. */
function lengthOf(value: AttributeValue): number | undefined {
  if ('S' in value) return value.S.length;
  if ('B' in value) return bytesOf(value.B).length;
  if ('L' in value) return value.L.length;
  return 'M' in value ? Object.keys(value.M).length : membersOf(value)?.length;
}

/** Applies a comparator. Only `<>` holds for an attribute that does not exist. */
function holds(comparator: Comparator, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (left === undefined || right === undefined) return comparator === '<>';
  if (comparator === '=') return equals(left, right);
  if (comparator === '<>') return !equals(left, right);
  const order = compare(left, right);
  if (order === undefined) return false;
  if (comparator === '<') return order < 0;
  if (comparator === '<=') return order <= 0;
  return comparator === '>' ? order > 0 : order >= 0;
}

function holdsForBoth(
  kind: 'attribute_type' | 'begins_with' | 'contains',
  value: AttributeValue | undefined,
  argument: AttributeValue | undefined,
): boolean {
  if (value === undefined || argument === undefined) return false;
  if (kind === 'attribute_type') return 'S' in argument && argument.S === typeOf(value);
  return kind === 'contains' ? contains(value, argument) : startsWith(value, argument);
}

/** Says whether the value begins with the other, which is of the same type. */
export function startsWith(value: AttributeValue, start: AttributeValue): boolean {
  if ('S' in value && 'S' in start) return value.S.startsWith(start.S);
  return 'B' in value && 'B' in start && bytesOf(value.B).indexOf(bytesOf(start.B)) === 0;
}

function contains(value: AttributeValue, part: AttributeValue): boolean {
  if ('L' in value) return value.L.some((one) => equals(one, part));
  if ('S' in part) return 'S' in value ? value.S.includes(part.S) : 'SS' in value && value.SS.includes(part.S);
  if ('N' in part) return 'NS' in value && value.NS.includes(part.N);
  if (!('B' in part)) return false;
  return 'B' in value ? bytesOf(value.B).includes(bytesOf(part.B)) : 'BS' in value && value.BS.includes(part.B);
}
