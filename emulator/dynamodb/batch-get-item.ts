import * as v from 'valibot';
import type { Operation } from '../operation.ts';
import { invalid } from './errors.ts';
import { parseExpressions } from './expressions/expressions.ts';
import { projected } from './expressions/projection.ts';
import { checkKey, keyOf } from './keys.ts';
import { attributes, names, resourceName, tableOperation } from './request.ts';
import type { Table } from './table.ts';
import { compareTexts, type Item, sizeOf } from './values.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const maxKeys = 100;
const maxBytes = 16 * 1024 * 1024;
/** "A partial result if […] more than 1MB per partition is requested". Each table has one partition here. */
const maxPartitionBytes = 1024 * 1024;

const oneToMany = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.array(schema),
    v.minLength(1, 'Member must have length greater than or equal to 1'),
    v.maxLength(maxKeys, `Member must have length less than or equal to ${maxKeys}`),
  );

const request = v.object({
  Keys: oneToMany(attributes),
  ConsistentRead: v.optional(v.boolean()),
  ProjectionExpression: v.optional(v.string()),
  ...names,
});

/** Makes BatchGetItem. It returns the items in no order of the request, and leaves keys unprocessed above its limits. */
export function batchGetItem(tableOf: (name: string) => Table): Operation {
  return tableOperation({ RequestItems: v.record(resourceName, request) }, ({ RequestItems }) => {
    const parts = Object.entries(RequestItems).map(([name, { Keys, ...others }]) => {
      const { projection } = parseExpressions(others, []);
      return { name, keys: Keys, others, projection };
    });
    const keyCount = parts.reduce((count, { keys }) => count + keys.length, 0);
    if (keyCount === 0) throw tooFew();
    if (keyCount > maxKeys) throw invalid('Too many items requested for the BatchGetItem call');

    let bytes = 0;
    const Responses: Record<string, Item[]> = {};
    const UnprocessedKeys: Record<string, object> = {};
    for (const { name, keys, others, projection } of parts) {
      const table = tableOf(name);
      const unprocessed: Item[] = [];
      const items: Item[] = [];
      let partitionBytes = 0;
      for (const key of inOrder(table, keys)) {
        const item = table.get(key);
        if (item === undefined) continue;
        if (partitionBytes >= maxPartitionBytes || bytes + sizeOf(item) > maxBytes) {
          unprocessed.push(key);
          continue;
        }
        partitionBytes += sizeOf(item);
        bytes += sizeOf(item);
        items.push(projected(item, projection));
      }
      Responses[name] = items;
      if (unprocessed.length > 0) UnprocessedKeys[name] = { ...others, Keys: unprocessed };
    }
    return { Responses, UnprocessedKeys };
  });
}

const tooFew = () =>
  invalid(
    "1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: " +
      'Member must have length greater than or equal to 1',
  );

function inOrder(table: Table, keys: readonly Item[]): readonly Item[] {
  const byText = new Map<string, Item>();
  for (const key of keys) {
    checkKey(table.schema, key);
    byText.set(keyOf(table.schema, key), key);
  }
  if (keys.length === 1) return keys;
  if (byText.size < keys.length) throw invalid('Provided list of item keys contains duplicates');
  return keys
    .map((key) => table.placeOf(key))
    .sort((a, b) => compareTexts(a.hash, b.hash))
    .map(({ item }) => item);
}
