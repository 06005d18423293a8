/** Holds the files of the tarball to each other, and to the checkout. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { packageRoot } from '../../lib/package-root.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { installInto } from './machine.ts';

const manifestSchema = v.looseObject({
  bin: v.record(v.string(), v.string()),
  exports: v.record(v.string(), v.unknown()),
  files: v.array(v.string()),
});

let home: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let folder: string;
let files: readonly string[];
let manifest: v.InferOutput<typeof manifestSchema>;

beforeAll(async () => {
  home = await makeTemporaryFolder('contents');
  await installInto(home.path, inject('tarball'));
  folder = join(home.path, 'node_modules/bastion-on-demand');
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  files = found
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  manifest = v.parse(manifestSchema, JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
});
afterAll(() => home.remove());

describe('the package', () => {
  it('installs nothing beside itself, and runs nothing when it is installed', async () => {
    const installed = (await readdir(join(home.path, 'node_modules'))).filter((name) => !name.startsWith('.'));
    expect(installed).toEqual(['bastion-on-demand']);
    for (const key of ['private', 'scripts', 'dependencies', 'devDependencies'])
      expect(manifest).not.toHaveProperty(key);
  });

  it('has every file that its package.json names', () => {
    const paths = [...Object.values(manifest.bin), ...stringsIn(manifest.exports)].map((path) =>
      path.replace('./', ''),
    );
    expect(paths.length).toBeGreaterThan(5);
    for (const path of paths) expect(files).toContain(path);
    for (const name of manifest.files)
      expect(files.some((file) => file === name || file.startsWith(`${name}/`))).toBe(true);
  });

  it('has no source that needs a build', () => {
    expect(files.filter((file) => /(?<!\.d)\.[cm]?tsx?$/.test(file))).toEqual([]);
  });

  it('names no folder of the machine that packed it', async () => {
    const texts = await Promise.all(
      files.map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') })),
    );
    expect(texts.filter(({ text }) => text.includes(packageRoot)).map(({ file }) => file)).toEqual([]);
  });

  it('has the licence of every library that it brings', async () => {
    const notices = await readFile(join(folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['commander', 'valibot', '@aws-sdk/credential-provider-node', '@aws-sdk/client-ecs']) {
      expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'));
    }
  });

  it('has the agents’ files as they are, with their modes', async () => {
    const agentFiles = files.filter((file) => file.startsWith('agent-image/'));
    expect(agentFiles.length).toBeGreaterThan(10);
    for (const file of agentFiles) {
      const [packed, own] = [join(folder, file), join(packageRoot, file)];
      expect(await readFile(packed, 'utf8'), file).toBe(await readFile(own, 'utf8'));
      expect((await stat(packed)).mode & 0o100, file).toBe((await stat(own)).mode & 0o100);
    }
  });

  it('loads AWS’s providers of credentials only for a command that signs with them', async () => {
    const loaded = new Map<string, string>();
    for (const waiting = ['bin/bastion.cjs', 'cli/command-line.js']; waiting.length > 0; ) {
      const file = waiting.pop() ?? '';
      if (loaded.has(file)) continue;
      const code = await readFile(join(folder, file), 'utf8');
      loaded.set(file, code);
      waiting.push(...[...code.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(([, name]) => `cli/${name}`));
    }
    expect(loaded.size).toBeGreaterThan(2);
    const all = await Promise.all(
      files.filter((file) => file.startsWith('cli/')).map(async (file) => readFile(join(folder, file), 'utf8')),
    );
    expect(all.some((code) => code.includes('AWS_CONTAINER_CREDENTIALS_FULL_URI'))).toBe(true);
    expect([...loaded.values()].some((code) => code.includes('AWS_CONTAINER_CREDENTIALS_FULL_URI'))).toBe(false);
  });

  it('has the program for which ssh waits at each connection as one file', async () => {
    const code = await readFile(join(folder, 'bin/bastion.cjs'), 'utf8');
    expect(code).not.toMatch(/require\("(?!node:)[^"]+"\)/);
    expect(code).toContain('import("../cli/command-line.js")');
    expect(code).not.toMatch(/^(import|export) /m); // Node loads an ES module later
  });
});

/** Every text in a value, however deep. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value instanceof Object ? Object.values(value).flatMap(stringsIn) : [];
}
