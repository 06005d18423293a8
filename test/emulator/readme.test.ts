import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emulated } from './emulated.ts';

const folder = join(import.meta.dirname, '../../emulator');
const readme = await readFile(join(folder, 'README.md'), 'utf8');

test('the README of the emulator lists the operations of each service', () => {
  const { aws } = emulated();
  const rows = [...readme.matchAll(/^\| `(\w+)` \| ([\w, ]+) \|$/gm)];
  const listedOperations = rows.map(([, service, names = '']) => [service, names.split(', ')]);
  const expectedOperations = Object.entries(aws.operations).map(([service, names]) => [service, [...names].sort()]);
  expect(Object.fromEntries(listedOperations)).toEqual(Object.fromEntries(expectedOperations));
});

test('the README of the emulator shows the example, which runs', async () => {
  expect(readme).toContain(await readFile(join(folder, 'example.ts'), 'utf8'));
  await expect(import('../../emulator/example.ts')).resolves.toBeDefined();
});

test('the code of the emulator names no folder of the project', async () => {
  const files = globSync('**/*.ts', { cwd: folder });
  expect(files).toContain('ecs/ecs.ts');
  const folderNames = await Promise.all(
    files.map(async (file) => {
      const text = (await readFile(join(folder, file), 'utf8')).replaceAll(/https:\S+/g, '');
      return (text.match(/\b(lambdas|lib|local|contracts|test|agent-image|bench|bin|docs)\//g) ?? []).map(
        (name) => `${file}: ${name}`,
      );
    }),
  );
  expect(folderNames.flat()).toEqual([]);
});
