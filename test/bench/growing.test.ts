import { describe, expect, it } from 'vitest';
import { growing, type Series } from '../../bench/growing.ts';

const reads = (...values: readonly number[]): Series => ({
  says: 'A start reads',
  unit: 'units',
  points: values.map((value, n) => ({ at: `${1000 * 10 ** n} rows`, value })),
});

describe('a figure that must stay flat', () => {
  it.each([[[3.5, 3.5, 3.5]], [[4, 5, 6]], [[9, 2, 3]], [[0, 0, 0]]])('is flat at %j', (values) => {
    expect(growing([reads(...values)])).toEqual([]);
  });

  it.each([
    [[3.5, 4, 41], 'A start reads 3.5 units at 1000 rows and 41 at 100000 rows.'],
    [[4, 6.01, 4], 'A start reads 4 units at 1000 rows and 6 at 10000 rows.'],
    [[0, 0, 0.5], 'A start reads 0 units at 1000 rows and 0.5 at 100000 rows.'],
  ])('grows at %j', (values, sentence) => {
    expect(growing([reads(...values)])).toEqual([sentence]);
  });
});
