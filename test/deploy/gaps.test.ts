import { expect, inject, test } from 'vitest';
import { comparisons } from './comparisons.ts';
import { closedGaps, propertyGaps } from './gaps.ts';

const { first, openGaps } = inject('life');

test('moto still has every gap that is listed with its reason', () => {
  expect(openGaps).toEqual(Object.fromEntries(Object.keys(closedGaps).map((name) => [name, true])));
});

test.each(propertyGaps)('moto still differs in $property of $type', ({ type, property }) => {
  const differences = comparisons(first).filter((one) => one.type === type);
  expect(differences.flatMap(({ paths }) => paths)).toContain(property);
});
