import fc from 'fast-check';
import { anyCondition, anyProjection, anyUpdate, type Pieces, rendered } from './expressions.ts';
import {
  type Attribute,
  fullItemOf,
  type IndexName,
  type Item,
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

const mostly = <Usual, Rare>(usual: fc.Arbitrary<Usual>, rare: fc.Arbitrary<Rare>): fc.Arbitrary<Usual | Rare> =>
  fc.oneof({ arbitrary: usual, weight: 9 }, { arbitrary: rare, weight: 1 });

const maybe = <Result>(arbitrary: fc.Arbitrary<Result>) => fc.option(arbitrary, { nil: undefined });

const seldom = <Result>(arbitrary: fc.Arbitrary<Result>) => mostly(fc.constant(undefined), arbitrary);

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
    .tuple(key, maybe(anyUpdate), maybe(anyCondition), anyReturn)
    .map(([Key, UpdateExpression, ConditionExpression, ReturnValues]) => ({
      action: 'UpdateItem' as const,
      input: { Key, ReturnValues, ...rendered({ UpdateExpression, ConditionExpression }) },
    }));
  return fc.oneof({ arbitrary: put, weight: 3 }, remove, { arbitrary: update, weight: 2 });
};

const reads = (keys: Keys): fc.Arbitrary<TableRequest> => {
  const get = fc
    .tuple(mostly(keyOf(keys), invalidKeyOf(keys)), maybe(anyProjection))
    .map(([Key, ProjectionExpression]) => ({
      action: 'GetItem' as const,
      input: { Key, ConsistentRead: true, ...rendered({ ProjectionExpression }) },
    }));
  const batch = fc
    .tuple(fc.array(keyOf(keys), { minLength: 1, maxLength: 4 }), maybe(anyProjection))
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
    FilterExpression: seldom(anyCondition),
    ProjectionExpression: seldom(anyProjection),
    Limit: maybe(limit),
    Select: mostly(fc.constant(undefined), fc.constant('COUNT')),
    ExclusiveStartKey: mostly(fc.constant(undefined), startKeyOf(keys, index)),
  });

const keyTests = [' = ', ' < ', ' <= ', ' > ', ' >= '];

/** A condition for the keys of an index, and sometimes one that a query can't have. */
function keyCondition([partition, sort]: readonly [Attribute, Attribute?]): fc.Arbitrary<Pieces> {
  const first = usualValue(partition).map((value): Pieces => [{ name: partition }, ' = ', { value }]);
  const name = { name: sort ?? 'note' };
  const value = usualValue(name.name).map((one) => ({ value: one }));
  const begins = value.map((start): Pieces => ['begins_with(', name, ', ', start, ')']);
  const second = fc.oneof(
    fc.tuple(fc.constantFrom(...keyTests), value).map(([test, bound]): Pieces => [name, test, bound]),
    fc.tuple(fc.constantFrom(...keyTests), value).map(([test, bound]): Pieces => [bound, test, name]),
    fc.tuple(value, value).map(([from, to]): Pieces => [name, ' BETWEEN ', from, ' AND ', to]),
    ...(sort === 'rank' ? [] : [begins]),
  );
  const both = fc.tuple(first, second).map(([left, right]): Pieces => [...left, ' AND ', ...right]);
  const wrong = fc.oneof(
    second,
    both,
    begins,
    fc.tuple(first, second).map(([left, right]): Pieces => [...left, ' OR ', ...right]),
    fc.tuple(first, first).map(([left, right]): Pieces => [...left, ' AND ', ...right]),
    fc.tuple(first, begins).map(([left, right]): Pieces => [...left, ' AND ', ...right]),
    first.map((test): Pieces => ['NOT ', ...test]),
    first.map((test): Pieces => [...test, ' AND ', name, ' <> ', { value: { S: 'aa' } }]),
    value.map((one): Pieces => [name, ' IN (', one, ')']),
    fc.constant<Pieces>(['attribute_exists(', name, ')']),
    fc.constant<Pieces>(['size(', name, ') = ', { value: { N: '2' } }]),
  );
  return mostly(fc.oneof(first, ...(sort === undefined ? [] : [both, both])), wrong);
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

const put = (Item: Item): TableRequest => ({ action: 'PutItem', input: { Item } });

/** A sequence of requests to a table with these keys, which begins with some items. */
export const anyRequests = (keys: Keys): fc.Arbitrary<readonly TableRequest[]> =>
  fc
    .tuple(
      fc.array(mostly(fullItemOf(keys), itemOf(keys)).map(put), { maxLength: 12 }),
      fc.array(fc.oneof(writes(keys), reads(keys), searches(keys)), { minLength: 1, maxLength: 25 }),
    )
    .map(([items, requests]) => [...items, ...requests]);
