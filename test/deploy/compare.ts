/** Compares a resource's properties in the template with those in the inventory. */
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';

const object = v.record(v.string(), v.unknown());
const tags = v.array(v.strictObject({ Key: v.string(), Value: v.string() }));

/** Documents in which more is as wrong as less. */
const exactProperties = /(Document|Policy|Pattern|Variables|Body)$/;

/**
 * Returns the paths of the expected properties that `actual` lacks or has otherwise: `Targets.RetryPolicy`. The service's own
 * additions and defaults are no difference.
 */
export function differences(expected: unknown, actual: unknown, path: readonly string[] = []): string[] {
  const differs = [path.join('.')];
  const name = path.at(-1) ?? '';
  if (v.is(tags, expected)) {
    const found = new Map(v.is(tags, actual) ? actual.map(({ Key, Value }) => [Key, Value]) : []);
    return expected.every(({ Key, Value }) => found.get(Key) === Value) ? [] : differs;
  }
  if (exactProperties.test(name)) return isDeepStrictEqual(plain(expected), plain(actual)) ? [] : differs;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return differs;
    return [...new Set(expected.flatMap((item, index) => differences(item, actual[index], path)))];
  }
  if (v.is(object, expected)) {
    if (!v.is(object, actual)) return differs;
    return Object.entries(expected).flatMap(([key, value]) => differences(value, actual[key], [...path, key]));
  }
  return String(expected) === String(actual) ? [] : differs;
}

/** IAM reads a list of one and the item alone as the same, and a template may write a number as text. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? plain(value[0]) : value.map(plain);
  if (v.is(object, value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return String(value);
}
