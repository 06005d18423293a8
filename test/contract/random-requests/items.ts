/** Random items, of which the same few keys, attributes and values come again and again. */
import fc from 'fast-check';

/** A value as it goes over the wire. */
export type Value = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, Value>>;

/** The names of the key attributes of a table. */
export type Keys = readonly ['pk'] | readonly ['pk', 'sk'];

/** The keys of each index. */
export const indexes = { byRank: ['team', 'rank'], byNote: ['team', 'note'], byCity: ['city'] } as const;
export type IndexName = keyof typeof indexes;

/** Returns the definition of a table. */
export function tableDefinition(keys: Keys) {
  const schemaOf = (names: readonly string[]) =>
    names.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' }));
  const names = new Set<string>([...keys, ...Object.values(indexes).flat()]);
  return {
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: schemaOf(keys),
    AttributeDefinitions: [...names].map((AttributeName) => ({
      AttributeName,
      AttributeType: AttributeName === 'rank' ? 'N' : 'S',
    })),
    GlobalSecondaryIndexes: Object.entries(indexes).map(([IndexName, index]) => ({
      IndexName,
      KeySchema: schemaOf(index),
      Projection: { ProjectionType: 'ALL' },
    })),
  };
}

const text = (...texts: readonly string[]) => fc.constantFrom(...texts).map((S) => ({ S }));

export const numbers = ['-12.5', '-3', '0', '0.5', '1', '1.0', '1e1', '2', '10', '12345678901234567890'];

export const attributes = [
  'pk',
  'sk',
  'team',
  'rank',
  'note',
  'city',
  'tags',
  'nums',
  'list',
  'map',
  'flag',
  'nothing',
  'bytes',
] as const;
export type Attribute = (typeof attributes)[number];

/** The values of each attribute that are of its usual type. */
const usual: Readonly<Record<Attribute, fc.Arbitrary<Value>>> = {
  pk: text('a', 'b', 'c', 'dd'),
  sk: text('1', '2', 'ü'),
  team: text('x', 'y'),
  rank: fc.constantFrom(...numbers).map((N) => ({ N })),
  note: text('aa', 'ab', 'b', 'é'),
  city: text('p', 'q'),
  tags: fc.subarray(['p', 'q', 'r'], { minLength: 1 }).map((SS) => ({ SS })),
  nums: fc.subarray(['1', '2.50', '-3'], { minLength: 1 }).map((NS) => ({ NS })),
  list: fc.constantFrom({ L: [{ S: 'aa' }, { N: '1.0' }] }, { L: [] }),
  map: fc.constantFrom({ M: { deep: { L: [{ BOOL: true }] } } }, { M: {} }),
  flag: fc.boolean().map((BOOL) => ({ BOOL })),
  nothing: fc.constant({ NULL: true }),
  bytes: fc.constantFrom('YWE=', 'YWI=', 'Yg==').map((B) => ({ B })),
};

/** A name and its usual value, but sometimes the value of another attribute. */
export const anyValue: fc.Arbitrary<Value> = fc.constantFrom(...attributes).chain((name) => usual[name]);

export const scalar: fc.Arbitrary<Value> = fc.oneof(usual.note, usual.rank, usual.bytes, usual.pk);

/** Values that no item can have. */
const invalidValue = fc.constantFrom(
  {},
  { N: 'one' },
  { N: '' },
  { N: '1e126' },
  { N: '-1e-131' },
  { N: '1'.repeat(39) },
  { NULL: false },
  { SS: [] },
  { NS: [] },
  { SS: ['a', 'a'] },
  { NS: ['1', '1.0'] },
  { S: 'a', N: '1' },
  { L: [{ M: { deep: { SS: [] } } }] },
);

export const keyOf = (keys: Keys): fc.Arbitrary<Item> =>
  keys.length === 1 ? fc.record({ pk: usual.pk }) : fc.record({ pk: usual.pk, sk: usual.sk });

/** A valid item of the table. */
export const itemOf = (keys: Keys): fc.Arbitrary<Item> => fc.record(usual, { requiredKeys: [...keys] });

/** A valid item of the table and of all its indexes. */
export const fullItemOf = (keys: Keys): fc.Arbitrary<Item> =>
  fc.record(usual, { requiredKeys: [...keys, 'team', 'rank', 'note', 'city', 'tags'] });

/** An item that is refused, because it lacks its key or has one value too strange. */
export const invalidItemOf = (keys: Keys): fc.Arbitrary<Item> =>
  fc
    .tuple(itemOf(keys), fc.constantFrom<string>('pk', 'rank', 'team', 'other'), fc.oneof(invalidValue, anyValue))
    .map(([item, name, value]) => ({ ...item, [name]: value }));

/** A key that is refused, or may be. */
export const invalidKeyOf = (keys: Keys): fc.Arbitrary<Item> =>
  fc.oneof(
    fc.constant({}),
    fc.record({ pk: fc.oneof(usual.rank, fc.constant({ S: '' })) }),
    keyOf(keys).map((key) => ({ ...key, other: { S: 'a' } })),
  );

/** The key behind which a page begins, of an item that need not exist. */
export const startKeyOf = (keys: Keys, index: IndexName | undefined): fc.Arbitrary<Item> => {
  const names = [...keys, ...(index === undefined ? [] : indexes[index])];
  return fc.record(Object.fromEntries(names.map((name) => [name, usual[name]])));
};

/** The value of an attribute's usual type. */
export const usualValue = (name: Attribute): fc.Arbitrary<Value> => usual[name];
