import * as v from 'valibot';
import { newOperation, type Operation } from '../operation.ts';
import type { AwsError } from '../wire.ts';
import { invalid, notSerializable } from './errors.ts';
import { parseItem } from './values.ts';

/** The name of a table or of an index. */
export const resourceName = v.pipe(
  v.string(),
  v.regex(/^[a-zA-Z0-9_.-]*$/, 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+'),
  v.minLength(3, 'Member must have length greater than or equal to 3'),
  v.maxLength(255, 'Member must have length less than or equal to 255'),
);

export const limit = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1, 'Member must have value greater than or equal to 1'),
);

/** An item, a key, or values by placeholder. */
export const attributes = v.pipe(
  v.unknown(),
  v.transform((input) => parseItem(input)),
);

/** The parameters with the names in expressions. */
export const names = { ExpressionAttributeNames: v.optional(v.record(v.string(), v.string())) };

/** The parameters with the names and the values in expressions. */
export const placeholders = { ...names, ExpressionAttributeValues: v.optional(attributes) };

/** Makes an operation that has these parameters. */
export function tableOperation<Entries extends v.ObjectEntries>(
  entries: Entries,
  run: (input: v.InferOutput<v.ObjectSchema<Entries, undefined>>) => unknown,
): Operation {
  const operation = newOperation(v.object(entries), run, refusalOf);
  return { ...operation, run: (input, call) => operation.run(withoutNulls(input), call) };
}

/** A member that is null counts as absent. */
function withoutNulls(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !Object.values(input).includes(null)) return input;
  return Object.fromEntries(Object.entries(input).filter(([, member]) => member !== null));
}

function refusalOf(issue: v.BaseIssue<unknown>, operation: string): AwsError {
  const path = v.getDotPath(issue) ?? '';
  const at = path.charAt(0).toLowerCase() + path.slice(1);
  if (issue.received === 'undefined') return broken('null', at, 'Member must not be null');
  if (issue.type === 'picklist') return invalid(issue.message);
  if (issue.kind === 'validation') return broken(shown(issue.input), at, issue.message);
  return notSerializable(`Parameter ${path} of ${operation} is not valid. ${issue.message}.`);
}

const shown = (input: unknown): string => `'${typeof input === 'object' ? JSON.stringify(input) : input}'`;

function broken(value: string, at: string, constraint: string): AwsError {
  return invalid(`1 validation error detected: Value ${value} at '${at}' failed to satisfy constraint: ${constraint}`);
}
