import fc from 'fast-check';
import { anyCondition, anyUpdate, type Pieces, rendered } from './expressions.ts';
import {
  type Attribute,
  attributes,
  type IndexName,
  indexes,
  invalidItemOf,
  invalidKeyOf,
  itemOf,
  type Keys,
  keyOf,
  startKeyOf,
  usualValue,
} from './items.ts';

/** A call of one table, whose name is left out. */
export interface TableRequest {
  readonly action: 'PutItem' | 'GetItem' | 'DeleteItem' | 'UpdateItem' | 'BatchGetItem' | 'Query' | 'Scan';
  readonly input: object;
}

const mostly = <Result>(usual: fc.Arbitrary<Result>, rare: fc.Arbitrary<Result>): fc.Arbitrary<Result> =>
  fc.oneof({ arbitrary: usual, weight: 9 }, { arbitrary: rare, weight: 1 });

const maybe = <Result>(arbitrary: fc.Arbitrary<Result>) => fc.option(arbitrary, { nil: undefined });

const projection: fc.Arbitrary<Pieces> = fc
  .array(fc.constantFrom(...attributes), { minLength: 1, maxLength: 3 })
  .map((names) => names.flatMap((name, at): Pieces => (at === 0 ? [{ name }] : [', ', { name }])));

const oldOrNothing = fc.constantFrom('NONE', 'ALL_OLD');
const anyReturn = fc.constantFrom('NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW');
const limit = fc.integer({ min: 1, max: 3 });

const without = (input: object) => Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));

const writes = (keys: Keys): fc.Arbitrary<TableRequest> => {
  const key = mostly(keyOf(keys), invalidKeyOf(keys));
  const put = fc
    .tuple(mostly(itemOf(keys), invalidItemOf(keys)), maybe(anyCondition), mostly(oldOrNothing, anyReturn))
    .map(([Item, ConditionExpression, ReturnValues]) => ({
      action: 'PutItem' as const,
      input: { Item, ReturnValues, ...rendered({ ConditionExpression }) },
    }));
  const remove = fc.tuple(key, maybe(anyCondition), oldOrNothing).map(([Key, ConditionExpression, ReturnValues]) => ({
    action: 'DeleteItem' as const,
    input: { Key, ReturnValues, ...rendered({ ConditionExpression }) },
  }));
  const update = fc
    .tuple(key, maybe(anyUpdate(keys)), maybe(anyCondition), anyReturn)
    .map(([Key, UpdateExpression, ConditionExpression, ReturnValues]) => ({
      action: 'UpdateItem' as const,
      input: { Key, ReturnValues, ...rendered({ UpdateExpression, ConditionExpression }) },
    }));
  return fc.oneof({ arbitrary: put, weight: 3 }, remove, { arbitrary: update, weight: 2 });
};

const reads = (keys: Keys): fc.Arbitrary<TableRequest> => {
  const get = fc
    .tuple(mostly(keyOf(keys), invalidKeyOf(keys)), maybe(projection))
    .map(([Key, ProjectionExpression]) => ({
      action: 'GetItem' as const,
      input: { Key, ConsistentRead: true, ...rendered({ ProjectionExpression }) },
    }));
  const batch = fc
    .tuple(fc.array(keyOf(keys), { minLength: 1, maxLength: 4 }), maybe(projection))
    .map(([Keys, ProjectionExpression]) => ({
      action: 'BatchGetItem' as const,
      input: { Keys, ...rendered({ ProjectionExpression }) },
    }));
  return fc.oneof(get, batch);
};

const indexName = maybe(fc.constantFrom<IndexName>('byRank', 'byNote', 'byCity'));

/** What a query and a scan have in common, of the table or of an index. */
const searchIn = (keys: Keys, index: IndexName | undefined) =>
  fc.record({
    FilterExpression: maybe(anyCondition),
    ProjectionExpression: maybe(projection),
    Limit: maybe(limit),
    Select: maybe(fc.constant('COUNT')),
    ExclusiveStartKey: fc.option(startKeyOf(keys, index), { nil: undefined, freq: 4 }),
  });

const keyTests = [' = ', ' < ', ' <= ', ' > ', ' >= ', ' <> '];

/** A condition for the keys of an index, and sometimes one that a query can't have. */
function keyCondition(names: readonly Attribute[]): fc.Arbitrary<Pieces> {
  const [partition = 'pk', sort = 'rank'] = names;
  const partitionTest = usualValue(partition).map((value): Pieces => [{ name: partition }, ' = ', { value }]);
  const sortValue = usualValue(sort).map((value) => ({ value }));
  const name = { name: sort };
  const sortTest = fc.oneof(
    fc.tuple(fc.constantFrom(...keyTests), sortValue).map(([test, value]): Pieces => [name, test, value]),
    fc.tuple(fc.constantFrom(...keyTests), sortValue).map(([test, value]): Pieces => [value, test, name]),
    fc.tuple(sortValue, sortValue).map(([from, to]): Pieces => [name, ' BETWEEN ', from, ' AND ', to]),
    sortValue.map((value): Pieces => ['begins_with(', name, ', ', value, ')']),
  );
  return fc.oneof(
    { arbitrary: partitionTest, weight: 3 },
    {
      arbitrary: fc.tuple(partitionTest, sortTest).map(([first, second]): Pieces => [...first, ' AND ', ...second]),
      weight: 6,
    },
    sortTest,
    fc.tuple(partitionTest, sortTest).map(([first, second]): Pieces => [...first, ' OR ', ...second]),
  );
}

const searches = (keys: Keys): fc.Arbitrary<TableRequest> =>
  indexName.chain((IndexName) => {
    const search = searchIn(keys, IndexName);
    const scan = search.map(({ FilterExpression, ProjectionExpression, ...others }) => ({
      action: 'Scan' as const,
      input: without({ IndexName, ...others, ...rendered({ FilterExpression, ProjectionExpression }) }),
    }));
    const names = IndexName === undefined ? keys : indexes[IndexName];
    const query = fc
      .tuple(keyCondition(names), search, fc.boolean())
      .map(([KeyConditionExpression, { FilterExpression, ProjectionExpression, ...others }, ScanIndexForward]) => {
        const expressions = rendered({ KeyConditionExpression, FilterExpression, ProjectionExpression });
        return { action: 'Query' as const, input: without({ IndexName, ScanIndexForward, ...others, ...expressions }) };
      });
    return fc.oneof({ arbitrary: query, weight: 3 }, scan);
  });

/** A sequence of requests to a table with these keys, which begins with some items. */
export const anyRequests = (keys: Keys): fc.Arbitrary<readonly TableRequest[]> =>
  fc
    .tuple(
      fc.array(
        itemOf(keys).map((Item): TableRequest => ({ action: 'PutItem', input: { Item } })),
        { maxLength: 8 },
      ),
      fc.array(fc.oneof(writes(keys), reads(keys), searches(keys)), { minLength: 1, maxLength: 20 }),
    )
    .map(([items, requests]) => [...items, ...requests]);
