/** Holds every shell block of every document to the shells that a reader may paste it into. */
import { describe, expect, it } from 'vitest';
import { documents, textOf } from './documents.ts';
import { type Block, blocksIn } from './markdown.ts';
import { runScript, type Shell, shellPath, shells } from './shells.ts';
import { stepsIn } from './transcript.ts';

type Place = Block & { readonly file: string };

const blocks: readonly Place[] = (
  await Promise.all(documents.map(async (file) => blocksIn(await textOf(file)).map((block) => ({ ...block, file }))))
).flat();

/** The shells that each language of a block claims. */
const claims: Readonly<Record<string, readonly Shell[]>> = { sh: shells, console: shells, bash: ['bash', 'zsh'] };

const isShell = ({ language }: Block) => language in claims;

/** The commands of a block, without the output that a transcript shows. */
const scriptOf = ({ language, text }: Block): string =>
  language === 'console'
    ? stepsIn(text)
        .map(({ command }) => command)
        .join('\n')
    : text;

describe('every shell block', () => {
  it('of the README and of docs says where it runs: `local`, `aws` or `project`', () => {
    const pages = blocks.filter((block) => isShell(block) && /^(README\.md|docs\/.*)$/.test(block.file));
    expect(pages.length).toBeGreaterThan(10);
    const unmarked = pages.filter(({ marks }) => !/^(local|aws|project)$/.test(marks.join(' ')));
    expect(unmarked.map(({ file, line, marks }) => `${file}:${line} ${marks.join(' ')}`)).toEqual([]);
  });

  it('has no comment behind a command, which zsh takes for arguments at its prompt', () => {
    const commented = blocks.filter(isShell).flatMap((block) =>
      scriptOf(block)
        .split('\n')
        .filter((line) => /\S\s+#\s/.test(line))
        .map((line) => `${block.file}:${block.line} ${line}`),
    );
    expect(commented).toEqual([]);
  });

  it('hands no secret to a program by its arguments, which every user of the machine can read', () => {
    const secretArgument =
      /\b(?:Authorization|Authentication|x-amz-security-token):|--secret-string (?!file:)|\bcurl .*\s(?:-u|--user) /i;
    const told = blocks.filter(isShell).flatMap((block) =>
      scriptOf(block)
        .split('\n')
        // echo is a part of the shell.
        .filter((line) => secretArgument.test(line.replace(/\becho "[^"\\]*(\\.[^"\\]*)*" *[|>]?/g, '')))
        .map((line) => `${block.file}:${block.line} ${line}`),
    );
    expect(told).toEqual([]);
  });

  describe.each(shells)('is a script for %s', (shell) => {
    it.skipIf(shellPath(shell) === undefined)('that it can parse', async () => {
      const outcomes = await Promise.all(
        blocks
          .filter(({ language }) => claims[language]?.includes(shell))
          .map(async (block) => {
            const { code, stderr } = await runScript(shellPath(shell) ?? '', scriptOf(block), ['-n']);
            return { place: `${block.file}:${block.line}`, code, stderr };
          }),
      );
      expect(outcomes.filter(({ code, stderr }) => code !== 0 || stderr !== '')).toEqual([]);
    });
  });
});
