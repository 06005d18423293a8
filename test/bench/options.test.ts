import { expect, it } from 'vitest';
import { parseOptions, usage } from '../../bench/options.ts';

const names = ['growth', 'images'];

it('measures every section without options', () => {
  expect(parseOptions([], names)).toEqual({ record: false, only: [] });
});

it('measures the named sections and records them', () => {
  expect(parseOptions(['--record', '--only', 'images', '--only', 'growth'], names)).toEqual({
    record: true,
    only: ['images', 'growth'],
  });
});

it('refuses a section that does not exist, and names those that do', () => {
  expect(() => parseOptions(['--only', 'image'], names)).toThrow('got image, expected one of growth, images.');
  expect(usage(names)).toContain('growth, images');
});

it('refuses an unknown option', () => {
  expect(() => parseOptions(['--recrod'], names)).toThrow(/--recrod/);
});
