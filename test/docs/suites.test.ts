/** Each file of tests runs by `npm test` or by one other script, and CI runs all of these scripts. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import config from '../../vitest.config.ts';
import { suites } from '../suites.ts';
import { filesLike, textOf } from './documents.ts';

const manifest = v.object({ scripts: v.record(v.string(), v.string()) });

it('each file of tests belongs to `npm test` or to one suite', () => {
  const { include = [], exclude = [] } = config.test ?? {};
  const excluded = filesLike(...exclude);
  const byDefault = filesLike(...include).filter((file) => !excluded.includes(file));
  const listed = [byDefault, ...Object.values(suites).map((patterns) => filesLike(...patterns))];
  expect(listed.filter((files) => files.length === 0)).toEqual([]);
  expect(listed.flat().sort()).toEqual(filesLike('**/*.test.ts'));
});

it('no configuration of vitest is without a suite', () => {
  const names = Object.keys(suites).map((name) => `vitest.${name}.config.ts`);
  expect(filesLike('vitest.*.config.ts')).toEqual(names.sort());
});

describe.each(Object.keys(suites))('the suite "%s"', (name) => {
  it('has a script that runs its configuration', async () => {
    const { scripts } = v.parse(manifest, JSON.parse(await textOf('package.json')));
    expect(scripts[`test:${name}`]).toBe(`vitest run --config vitest.${name}.config.ts`);
    expect(await textOf(`vitest.${name}.config.ts`)).toContain(`suites.${name}`);
  });

  it('runs in CI and stands in CONTRIBUTING.md', async () => {
    expect(await textOf('.ci/run')).toMatch(new RegExp(`^  npm run test:${name}(?= |$)`, 'm'));
    expect(await textOf('CONTRIBUTING.md')).toContain(`| \`npm run test:${name}\` |`);
  });
});
