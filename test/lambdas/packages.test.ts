import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const textOf = (file: string) => readFile(join(root, file), 'utf8');

/** `@aws-sdk/client-ecs` of `@aws-sdk/client-ecs/dist`, `valibot` of `valibot`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

describe('the dependencies in package.json', () => {
  it('are the packages that the functions, the command and the page bundle, so that npm audit --omit=dev checks what deploys', async () => {
    const files = globSync('{lambdas,contracts,cli,web}/**/*.{ts,tsx}', { cwd: root });
    const texts = await Promise.all(files.map(textOf));
    const specifiers = texts.flatMap((text) =>
      [...text.matchAll(/(?: from |\bimport\()'([^.'][^']*)'/g)].map(([, name = '']) => name),
    );
    const imported = new Set(specifiers.filter((name) => !name.startsWith('node:')).map(packageOf));
    const { dependencies, devDependencies } = JSON.parse(await textOf('package.json'));
    expect(Object.keys(dependencies)).toEqual([...imported].sort());
    expect(Object.keys(devDependencies).filter((name) => imported.has(name))).toEqual([]);
  });
});
