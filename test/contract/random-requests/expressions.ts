import fc from 'fast-check';
import { type Attribute, anyValue, attributes, numbers, scalar, usualValue, type Value } from './items.ts';

/** A piece of an expression: a text, an attribute that it names, or a value. */
type Piece = string | { readonly name: string } | { readonly value: unknown };
export type Pieces = readonly Piece[];

const attribute = fc.constantFrom<Attribute>(...attributes).map((name) => ({ name }));
const comparator = fc.constantFrom(' = ', ' <> ', ' < ', ' <= ', ' > ', ' >= ');
const equality = fc.constantFrom(' = ', ' <> ');
const number = fc.constantFrom(...numbers).map((N) => ({ N }));
const asValue = (value: Value): Piece => ({ value });

/** Two values of the same type in their order, and some that are no bounds. */
const bounds = fc.constantFrom<readonly [Value, Value]>(
  [{ N: '0' }, { N: '2' }],
  [{ N: '-3' }, { N: '1.0' }],
  [{ N: '1' }, { N: '1.0' }],
  [{ S: 'aa' }, { S: 'b' }],
  [{ S: 'ab' }, { S: 'é' }],
  [{ B: 'YWE=' }, { B: 'Yg==' }],
  [{ N: '2' }, { N: '1' }],
  [{ S: 'b' }, { N: '1' }],
);

/** Conditions without AND, OR and NOT. The few that `differences/dynalite.ts` names are left out. */
const simple: fc.Arbitrary<Pieces> = fc.oneof(
  fc.tuple(attribute, comparator, scalar.map(asValue)),
  fc.tuple(scalar.map(asValue), comparator, attribute),
  fc.tuple(attribute, equality, anyValue.filter((value) => !('L' in value || 'M' in value)).map(asValue)),
  fc.tuple(fc.constant('size('), attribute, fc.constant(')'), comparator, number.map(asValue)),
  fc.tuple(attribute, bounds).map(([name, [a, b]]): Pieces => [name, ' BETWEEN ', asValue(a), ' AND ', asValue(b)]),
  fc
    .tuple(attribute, fc.array(scalar, { minLength: 1, maxLength: 3 }))
    .map(
      ([name, values]): Pieces => [
        name,
        ' IN (',
        ...values.flatMap((value, at) => (at === 0 ? [asValue(value)] : [', ', asValue(value)])),
        ')',
      ],
    ),
  attribute.map((name): Pieces => ['attribute_exists(', name, ')']),
  attribute.map((name): Pieces => ['attribute_not_exists(', name, ')']),
  fc.tuple(attribute, scalar).map(([name, value]): Pieces => ['contains(', name, ', ', asValue(value), ')']),
  fc.tuple(attribute, scalar).map(([name, value]): Pieces => ['begins_with(', name, ', ', asValue(value), ')']),
  fc
    .tuple(attribute, fc.constantFrom('S', 'N', 'SS', 'NULL', 'L', 'X'))
    .map(([name, S]): Pieces => ['attribute_type(', name, ', ', { value: { S } }, ')']),
);

const { condition } = fc.letrec<{ condition: Pieces }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    simple,
    tie('condition').map((inner): Pieces => ['NOT (', ...inner, ')']),
    fc
      .tuple(tie('condition'), fc.constantFrom(' AND ', ' OR ', ' and '), tie('condition'))
      .map(([left, operator, right]): Pieces => ['(', ...left, `)${operator}(`, ...right, ')']),
    fc.tuple(simple, simple, simple).map(([a, b, c]): Pieces => [...a, ' OR ', ...b, ' AND NOT ', ...c]),
  ),
}));

const a = { name: 'note' };
const b = { name: 'city' };
const v = { value: { S: 'aa' } };

/** Conditions with one mistake each. */
const wrongCondition = fc.constantFrom<Pieces>(
  [],
  [a],
  [a, ' = '],
  [a, ' = ', a],
  [a, ' == ', v],
  ['((', a, ' = ', v, '))'],
  ['(', a, ' = ', v],
  ['size(', a, ')'],
  ['looks_like(', a, ', ', v, ')'],
  ['contains(', a, ')'],
  ['attribute_exists(', v, ')'],
  [a, ' = contains(', b, ', ', v, ')'],
  ['begins_with(', a, ', ', { value: { N: '1' } }, ')'],
  [a, ' BETWEEN ', v, ' AND ', { value: { N: '1' } }],
  ['state = ', v],
  [a, ' = :undefined'],
  ['#undefined = ', v],
  [a, ' = ', v, ' ', b],
  [a, ' = ', v, ' AND'],
);

/** A condition, and sometimes one with a mistake. */
export const anyCondition: fc.Arbitrary<Pieces> = fc.oneof(
  { arbitrary: condition, weight: 12 },
  { arbitrary: wrongCondition, weight: 1 },
);

const changeable = attributes.filter((name) => name !== 'pk' && name !== 'sk');

/** A change of one attribute, which is no key of the table. */
const action = fc.constantFrom(...changeable).chain((attributeName) => {
  const name = { name: attributeName };
  const setName = { name: attributeName === 'nums' ? 'nums' : 'tags' } as const;
  const members = usualValue(setName.name).map(asValue);
  return fc.oneof(
    fc.tuple(fc.constant('SET'), fc.constant(name), fc.constant(' = '), usualValue(attributeName).map(asValue)),
    fc.tuple(fc.constant('REMOVE'), fc.constant(name)),
    fc.tuple(fc.constant('ADD'), fc.constant(setName), fc.constant(' '), members),
    fc.tuple(fc.constant('DELETE'), fc.constant(setName), fc.constant(' '), members),
  );
});

const update = fc
  .uniqueArray(action, { minLength: 1, maxLength: 4, selector: ([, { name }]) => name })
  .map((actions) => {
    const sections = Map.groupBy(actions, ([section]) => section);
    return [...sections].flatMap(
      ([section, inSection]): Pieces => [
        ` ${section} `,
        ...inSection.flatMap(([, ...pieces], at): Pieces => (at === 0 ? pieces : [', ', ...pieces])),
      ],
    );
  });

const set = { value: { SS: ['p'] } };

/** Updates with one mistake each. */
const wrongUpdate = fc.constantFrom<Pieces>(
  [],
  ['SET '],
  [a, ' = ', v],
  ['SET ', a, ' ', v],
  ['SET ', a, ' = ', v, ' SET ', b, ' = ', v],
  ['SET ', a, ' = ', v, ' REMOVE ', a],
  ['SET ', a, ' = ', v, ','],
  ['SET ', { name: 'pk' }, ' = ', v],
  ['REMOVE ', { name: 'pk' }],
  ['REMOVE state'],
  ['SET ', { name: 'rank' }, ' = ', v],
  ['ADD ', { name: 'rank' }, ' ', set],
  ['ADD ', a, ' ', set],
  ['DELETE ', a, ' ', set],
  ['ADD ', { name: 'tags' }, ' ', v],
  ['DELETE ', { name: 'tags' }, ' ', { value: { N: '1' } }],
  ['ADD ', { name: 'tags' }, ' ', { value: { NS: ['1'] } }],
  ['DELETE ', { name: 'tags' }, ' :undefined'],
);

/** An update of one to four attributes, and sometimes one with a mistake. */
export const anyUpdate: fc.Arbitrary<Pieces> = fc.oneof(
  { arbitrary: update, weight: 8 },
  { arbitrary: wrongUpdate, weight: 1 },
);

const projection = fc
  .subarray([...attributes], { minLength: 1, maxLength: 4 })
  .map((names) => names.flatMap((name, at): Pieces => (at === 0 ? [{ name }] : [', ', { name }])));

/** Projections with one mistake each. */
const wrongProjection = fc.constantFrom<Pieces>([], [a, ', '], [a, ' ', b], [a, ', ', a], ['state'], [a, ' = ', b]);

/** Names of attributes, and sometimes something else. */
export const anyProjection: fc.Arbitrary<Pieces> = fc.oneof(
  { arbitrary: projection, weight: 10 },
  { arbitrary: wrongProjection, weight: 1 },
);

/** Puts the pieces together, with a placeholder for each value and each name. */
export function rendered(parameters: Readonly<Record<string, Pieces | undefined>>) {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const textOf = (piece: Piece): string => {
    if (typeof piece === 'string') return piece;
    const isName = 'name' in piece;
    const placeholder = isName ? `#${piece.name}` : `:v${Object.keys(values).length}`;
    if (isName) names[placeholder] = piece.name;
    else values[placeholder] = piece.value;
    return placeholder;
  };
  const texts = Object.entries(parameters).flatMap(([parameter, pieces]) =>
    pieces === undefined ? [] : [[parameter, pieces.map(textOf).join('')] as const],
  );
  return {
    ...Object.fromEntries(texts),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}
