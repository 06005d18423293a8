/** The package `bastion` of the registry is somebody else's, so no reader may be told to run it. */
import { describe, expect, it } from 'vitest';
import { documents, filesLike, textOf } from './documents.ts';

/** The commands that fetch and run the package `bastion`. With `--no-install`, npx runs the program of this checkout alone. */
function foreignIn(text: string): string[] {
  const commands = text.match(/\b(npx|npm exec)\s+(?:-\S+\s+)*bastion(?![\w-])/g) ?? [];
  return commands.filter((command) => !command.includes('--no-install '));
}

/** Everything that can print: programs, outputs of the stack, messages and help. */
const sources = filesLike(
  '{agent-image,bench,bin,cli,contracts,lambdas,lib,local,package}/**/*.{js,json,sh,ts}',
  'package.json',
  '.ci/run',
);

describe('npx bastion', () => {
  it.each([
    ['npx bastion ssh', ['npx bastion']],
    ['run `npx bastion`', ['npx bastion']],
    ['npx --yes bastion ls', ['npx --yes bastion']],
    ['npx bastion@1 ls', ['npx bastion']],
    ['npm exec -- bastion ls', ['npm exec -- bastion']],
    ['npx --no-install bastion ssh', []],
    ['npx bastion-on-demand ssh', []],
  ])('is found in %j', (text, expected) => {
    expect(foreignIn(text)).toEqual(expected);
  });

  it('stands in no document, and in no program that could print it', async () => {
    expect(sources.length).toBeGreaterThan(200);
    const texts = await Promise.all(
      [...documents, ...sources].map(async (file) => ({ file, text: await textOf(file) })),
    );
    expect(texts.flatMap(({ file, text }) => foreignIn(text).map((command) => `${file}: ${command}`))).toEqual([]);
  });
});
