/** The expressions of a request. */
import { invalid } from '../errors.ts';
import type { Item } from '../values.ts';
import { type Condition, parseCondition } from './condition.ts';
import { Placeholders } from './placeholders.ts';
import { parseProjection } from './projection.ts';
import { Reader } from './reader.ts';
import { type Action, parseUpdate } from './update.ts';

/** The expressions as they stand in a request, and what they refer to. */
interface Texts {
  readonly UpdateExpression?: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly KeyConditionExpression?: string | undefined;
  readonly FilterExpression?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

type ExpressionName = Exclude<keyof Texts, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>;

interface Expressions {
  readonly update: readonly Action[] | undefined;
  readonly condition: Condition | undefined;
  readonly keyCondition: Condition | undefined;
  readonly filter: Condition | undefined;
  /** The names of the attributes to return. Undefined for all. */
  readonly projection: readonly string[] | undefined;
}

/**
 * Parses the expressions of a request. Throws an AwsError if one is wrong, or if a name or a value belongs to none.
 * @param withValues the expressions of the operation that can refer to values
 */
export function parseExpressions(texts: Texts, withValues: readonly ExpressionName[]): Expressions {
  const { ExpressionAttributeNames, ExpressionAttributeValues } = texts;
  const isAbsent = (name: ExpressionName) => texts[name] === undefined;
  if (ExpressionAttributeNames !== undefined && [...withValues, 'ProjectionExpression' as const].every(isAbsent)) {
    throw invalid('ExpressionAttributeNames can only be specified when using expressions');
  }
  if (ExpressionAttributeValues !== undefined && withValues.every(isAbsent)) {
    const are = withValues.length > 1 ? 'are' : 'is';
    throw invalid(
      `ExpressionAttributeValues can only be specified when using expressions: ${withValues.join(' and ')} ${are} null`,
    );
  }
  const placeholders = new Placeholders(ExpressionAttributeNames, ExpressionAttributeValues);
  const parse = <Parsed>(name: ExpressionName, parseAll: (reader: Reader) => Parsed): Parsed | undefined => {
    const text = texts[name];
    return text === undefined ? undefined : parseAll(new Reader(name, text, placeholders));
  };
  const expressions = {
    update: parse('UpdateExpression', parseUpdate),
    condition: parse('ConditionExpression', parseCondition),
    keyCondition: parse('KeyConditionExpression', parseCondition),
    filter: parse('FilterExpression', parseCondition),
    projection: parse('ProjectionExpression', parseProjection),
  };
  placeholders.checkUsed();
  return expressions;
}
