/** Holds docs/security.md to its word: each promise names the tests that hold it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, textOf } from './documents.ts';

const security = await textOf('docs/security.md');
const [, table = ''] = /^## Promises\n([^#]*)/m.exec(security) ?? [];
const rows = table
  .split('\n')
  .filter((line) => /^\| (?!Promise|---)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, promise = '', how = '', tests = '']) => ({ promise, how, tests: tests.split(', ') }));

describe('a promise of docs/security.md', () => {
  it('is one of many', () => {
    expect(rows.length).toBeGreaterThan(10);
  });

  it.each(rows)('names what holds it and its tests: $promise', ({ how, tests }) => {
    expect(how).not.toBe('');
    const paths = tests.map((path) => /^`(test\/[\w./-]+)`$/.exec(path)?.[1]);
    expect(paths.filter((path) => path === undefined || !existsSync(join(root, path)))).toEqual([]);
  });
});
