import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundle } from '../../lib/functions/bundle.ts';

const directories: string[] = [];
afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true }))));

describe('a second build', () => {
  /** A function of one line in a folder of its own. */
  async function makeFunction() {
    const directory = await mkdtemp(join(tmpdir(), 'bundle-test-'));
    directories.push(directory);
    const file = (name: string) => join(directory, name);
    const bundleIt = () =>
      bundle({ folder: directory, runtime: file('runtime.ts'), entries: ['one'], outdir: file('out') });
    await writeFile(file('runtime.ts'), 'export const lambdaRuntime = (name: string) => name;');
    await writeFile(file('helper.ts'), "export const word = 'first';");
    await writeFile(
      file('one.ts'),
      "import { word } from './helper.ts'; export const create = (_: unknown, name: string) => name + word;",
    );
    return { file, bundleIt, output: file('out/one/index.mjs') };
  }

  it('builds nothing while every source is unchanged', async () => {
    const { bundleIt, output } = await makeFunction();
    await bundleIt();
    await writeFile(output, 'kept');
    await bundleIt();
    expect(await readFile(output, 'utf8')).toBe('kept');
  });

  it('builds again once an imported file has changed', async () => {
    const { file, bundleIt, output } = await makeFunction();
    await bundleIt();
    await writeFile(file('helper.ts'), "export const word = 'second';");
    await bundleIt();
    expect(await readFile(output, 'utf8')).toContain('second');
  });

  it('builds again once a bundle is missing', async () => {
    const { bundleIt, output } = await makeFunction();
    await bundleIt();
    await rm(output);
    await bundleIt();
    expect(await readFile(output, 'utf8')).toContain('first');
  });
});
