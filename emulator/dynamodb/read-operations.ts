import * as v from 'valibot';
import { type Operations, onlyEmulated } from '../operation.ts';
import { invalid } from './errors.ts';
import { attributesUsedIn, type Condition } from './expressions/condition.ts';
import { parseExpressions } from './expressions/expressions.ts';
import { type KeyRange, keyRangeOf } from './expressions/key-condition.ts';
import { matches } from './expressions/matches.ts';
import { projected } from './expressions/projection.ts';
import { attributesOf, isEmpty, type KeyAttribute, type KeySchema } from './keys.ts';
import type { Entry } from './ordered-items.ts';
import { attributes, limit, placeholders, resourceName, tableOperation } from './request.ts';
import type { Table } from './table.ts';
import { equals, type Item, sizeOf, typeOf } from './values.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html */
const maxPageBytes = 1024 * 1024;

/** The parameters that Query and Scan share. */
const parameters = {
  TableName: resourceName,
  IndexName: v.optional(resourceName),
  Limit: v.optional(limit),
  ExclusiveStartKey: v.optional(attributes),
  ConsistentRead: v.optional(v.boolean()),
  FilterExpression: v.optional(v.string()),
  ProjectionExpression: v.optional(v.string()),
  Select: v.optional(onlyEmulated(['COUNT'])),
  ...placeholders,
};

/** Makes the operations that read many items. */
export function readOperations(tableOf: (name: string) => Table): Operations {
  return {
    /** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html */
    Query: tableOperation(
      {
        ...parameters,
        KeyConditionExpression: v.optional(v.string()),
        ScanIndexForward: v.optional(v.boolean(), true),
      },
      ({ ScanIndexForward: isForward, ExclusiveStartKey: startKey, ...request }) => {
        const expressions = parseExpressions(request, ['FilterExpression', 'KeyConditionExpression']);
        if (expressions.keyCondition === undefined) throw withoutKeyCondition();
        const { table, ordered, keyAttributes } = source(tableOf, request);
        const range = keyRangeOf(expressions.keyCondition, ordered.schema);
        const after = startKey && entryAfter(table, keyAttributes, startKey);
        if (startKey) checkInRange(startKey, range, ordered.schema);
        checkFilter(expressions.filter, ordered.schema);
        return page(ordered.query(range, isForward, after), keyAttributes, { ...request, ...expressions });
      },
    ),

    /** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html */
    Scan: tableOperation(parameters, ({ ExclusiveStartKey: startKey, ...request }) => {
      const expressions = parseExpressions(request, ['FilterExpression']);
      const { table, ordered, keyAttributes } = source(tableOf, request);
      const after = startKey && entryAfter(table, keyAttributes, startKey);
      return page(ordered.scan(after), keyAttributes, { ...request, ...expressions });
    }),
  };
}

const withoutKeyCondition = () =>
  invalid('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');

interface Source {
  readonly TableName: string;
  readonly IndexName?: string | undefined;
  readonly ConsistentRead?: boolean | undefined;
}

/** Finds the table and the index, and the attributes of the keys of both. */
function source(tableOf: (name: string) => Table, { TableName, IndexName, ConsistentRead }: Source) {
  const table = tableOf(TableName);
  const ordered = table.ordered(IndexName);
  if (IndexName !== undefined && ConsistentRead) {
    throw invalid('Consistent reads are not supported on global secondary indexes');
  }
  const all = [...attributesOf(table.schema), ...attributesOf(ordered.schema)];
  const keyAttributes = [...new Map(all.map((attribute) => [attribute.name, attribute])).values()];
  return { table, ordered, keyAttributes };
}

/** Returns the place behind which a page begins. Throws an AwsError unless the key has the attributes of all keys. */
function entryAfter(table: Table, keyAttributes: readonly KeyAttribute[], startKey: Item): Entry {
  if (Object.keys(startKey).length !== keyAttributes.length) throw invalid('The provided starting key is invalid');
  for (const { name, type } of keyAttributes) {
    const value = startKey[name];
    if (value === undefined) throw invalid('The provided starting key is invalid');
    if (typeOf(value) !== type || isEmpty(value)) {
      throw invalid('The provided starting key is invalid: The provided key element does not match the schema');
    }
  }
  return table.placeOf(startKey);
}

function checkInRange(startKey: Item, { partition, place }: KeyRange, schema: KeySchema): void {
  const sortKey = schema.sort && startKey[schema.sort.name];
  if (sortKey && place && place(sortKey) !== 0) {
    throw invalid('The provided starting key does not match the range key predicate');
  }
  const startPartition = startKey[schema.partition.name];
  if (startPartition && equals(startPartition, partition)) return;
  throw invalid(
    place === undefined
      ? 'The provided starting key is outside query boundaries based on provided conditions'
      : 'The query can return at most one row and cannot be restarted',
  );
}

function checkFilter(filter: Condition | undefined, schema: KeySchema): void {
  const used = filter === undefined ? [] : attributesUsedIn(filter);
  const key = attributesOf(schema).find(({ name }) => used.includes(name));
  if (key === undefined) return;
  throw invalid(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${key.name}`);
}

interface PageRequest {
  readonly Limit?: number | undefined;
  readonly Select?: 'COUNT' | undefined;
  readonly filter: Condition | undefined;
  readonly projection: readonly string[] | undefined;
}

/** Reads items until there are as many as asked for, or as many as a page may hold. The filter comes after. */
function page(items: Iterable<Item>, keyAttributes: readonly KeyAttribute[], request: PageRequest) {
  const { Limit = Number.POSITIVE_INFINITY, Select, filter, projection } = request;
  const read: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    read.push(item);
    bytes += sizeOf(item);
    if (read.length >= Limit || bytes >= maxPageBytes) break;
  }
  const isFull = read.length >= Limit || bytes >= maxPageBytes;
  const last = isFull ? read.at(-1) : undefined;
  const found = filter === undefined ? read : read.filter((item) => matches(filter, item));
  return {
    ...(Select === undefined && { Items: found.map((item) => projected(item, projection)) }),
    Count: found.length,
    ScannedCount: read.length,
    ...(last && {
      LastEvaluatedKey: projected(
        last,
        keyAttributes.map(({ name }) => name),
      ),
    }),
  };
}
