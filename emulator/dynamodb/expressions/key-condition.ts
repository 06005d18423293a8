/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html */
import { invalid } from '../errors.ts';
import type { KeyAttribute, KeySchema } from '../keys.ts';
import { type AttributeValue, compare, typeOf } from '../values.ts';
import type { Comparator, Condition, Operand } from './condition.ts';
import { startsWith } from './matches.ts';

/** The part of an index that a query asks for. */
export interface KeyRange {
  readonly partition: AttributeValue;
  /** Says whether a sort key stands before the range (negative), in it (0) or after it. Absent: all are in it. */
  readonly place?: (sortKey: AttributeValue) => number;
}

type Test = 'begins_with' | 'between' | Exclude<Comparator, '<>'>;

/** A test of one key: `<` with one value, or `between` with two. */
interface KeyTest {
  readonly test: Test;
  readonly values: readonly [AttributeValue, ...AttributeValue[]];
}

/** Turns the condition of a query into a range of the index. Throws an AwsError if the index can't answer it. */
export function keyRangeOf(condition: Condition, { partition, sort }: KeySchema): KeyRange {
  const tests = new Map<string, KeyTest>();
  collect(condition, tests);
  if (tests.size > 2) throw invalid('Conditions can be of length 1 or 2 only');
  if (sort === undefined && tests.size > 1) throw invalid('Query key condition not supported');
  const partitionTest = testOf(partition, tests);
  if (partitionTest.test !== '=') throw invalid('Query key condition not supported');
  const range = { partition: partitionTest.values[0] };
  if (sort === undefined || tests.size === 1) return range;
  const sortTest = testOf(sort, tests);
  return { ...range, place: (sortKey) => placeOf(sortTest, sortKey) };
}

function testOf({ name, type }: KeyAttribute, tests: ReadonlyMap<string, KeyTest>): KeyTest {
  const test = tests.get(name);
  if (test === undefined) throw invalid(`Query condition missed key schema element: ${name}`);
  if (test.values.some((value) => typeOf(value) !== type)) {
    throw invalid('One or more parameter values were invalid: Condition parameter type does not match schema type');
  }
  return test;
}

function collect(condition: Condition, tests: Map<string, KeyTest>): void {
  if (condition.kind === 'and') {
    collect(condition.left, tests);
    collect(condition.right, tests);
    return;
  }
  const [attribute, test] = keyTestIn(condition);
  if (tests.has(attribute)) throw invalid('KeyConditionExpressions must only contain one condition per key');
  tests.set(attribute, test);
}

function keyTestIn(condition: Condition): readonly [string, KeyTest] {
  switch (condition.kind) {
    case 'comparison': {
      const { comparator, left, right } = condition;
      if (comparator === '<>') throw wrongOperator('<>');
      return 'value' in left
        ? [attributeIn(right), { test: mirrored[comparator], values: [left.value] }]
        : [attributeIn(left), { test: comparator, values: [valueIn(right)] }];
    }
    case 'between': {
      const { operand, lower, upper } = condition;
      return [attributeIn(operand, 'BETWEEN'), { test: 'between', values: [valueIn(lower), valueIn(upper)] }];
    }
    case 'begins_with': {
      const { operand, argument } = condition;
      return [attributeIn(operand, 'begins_with'), { test: 'begins_with', values: [valueIn(argument)] }];
    }
    case 'or':
    case 'not':
    case 'in':
      throw wrongOperator(condition.kind.toUpperCase());
    default:
      throw wrongOperator(condition.kind);
  }
}

const wrongOperator = (operator: string) => invalid(`Invalid operator used in KeyConditionExpression: ${operator}`);

const mirrored: Readonly<Record<Exclude<Comparator, '<>'>, Exclude<Comparator, '<>'>>> = {
  '=': '=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** @param operator the operator, if only its first operand may be the key */
function attributeIn(operand: Operand, operator?: string): string {
  if ('attribute' in operand) return operand.attribute;
  if ('sizeOf' in operand) throw invalid('KeyConditionExpressions cannot contain nested operations');
  throw invalid(
    operator === undefined
      ? 'Invalid condition in KeyConditionExpression: No key attribute specified'
      : `Invalid condition in KeyConditionExpression: ${operator} operator must have the key attribute as its first operand`,
  );
}

function valueIn(operand: Operand): AttributeValue {
  if ('value' in operand) return operand.value;
  if ('sizeOf' in operand) throw invalid('KeyConditionExpressions cannot contain nested operations');
  throw invalid('Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition');
}

function placeOf({ test, values: [first, last = first] }: KeyTest, sortKey: AttributeValue): number {
  // A key of the index has the type of the values, so that it has an order.
  const order = compare(sortKey, first) ?? 0;
  switch (test) {
    case '=':
      return order;
    case '<':
      return order < 0 ? 0 : 1;
    case '<=':
      return order <= 0 ? 0 : 1;
    case '>':
      return order > 0 ? 0 : -1;
    case '>=':
      return order >= 0 ? 0 : -1;
    case 'begins_with':
      return startsWith(sortKey, first) ? 0 : order;
    case 'between':
      return order < 0 ? order : Math.max(0, compare(sortKey, last) ?? 0);
  }
}
