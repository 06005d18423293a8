/** Holds the words of documents and comments: at most two sentences in a hundred open with a word that hides their actor. */
import { describe, expect, it } from 'vitest';
import { commentsIn } from './comments.ts';
import { documents, filesLike, textOf } from './documents.ts';
import { type Paragraph, paragraphsIn } from './markdown.ts';
import { opensBadly, sentencesIn } from './sentences.ts';

const most = 0.02;

const sources = [
  ...filesLike('*/**/*.ts', '*.ts'),
  ...filesLike('*/**/*.sh', '*/**/Dockerfile', '*/**/sshd_config', '.ci/*', '.gitattributes'),
  ...filesLike('local/stand-ins/*').filter((file) => !file.endsWith('.sh')),
];

interface Count {
  /** Folder or file at the root. */
  readonly place: string;
  readonly sentences: number;
  /** `file:line sentence` */
  readonly bad: readonly string[];
}

/** The count per folder at the root. */
async function count(files: readonly string[], read: (file: string, text: string) => Paragraph[]): Promise<Count[]> {
  const perFile = await Promise.all(
    files.map(async (file) => {
      const sentences = sentencesIn(read(file, await textOf(file)));
      const bad = sentences.filter(({ text }) => opensBadly(text)).map(({ line, text }) => `${file}:${line} ${text}`);
      return { place: file.includes('/') ? (file.split('/')[0] ?? '') : file, sentences: sentences.length, bad };
    }),
  );
  return [...Map.groupBy(perFile, ({ place }) => place)].map(([place, counts]) => ({
    place,
    sentences: counts.reduce((sum, { sentences }) => sum + sentences, 0),
    bad: counts.flatMap(({ bad }) => bad),
  }));
}

/** Throws, with every sentence and a line per folder, when more than two in a hundred are bad. */
function expectFew(counts: readonly Count[]): void {
  const sentences = counts.reduce((sum, one) => sum + one.sentences, 0);
  const bad = counts.flatMap((one) => one.bad);
  const lines = counts.map((one) => `${one.place}: ${one.bad.length} of ${one.sentences}`);
  expect(sentences).toBeGreaterThan(100);
  if (bad.length / sentences <= most) return;
  throw new Error(
    `${bad.length} of ${sentences} sentences open with what, who, nobody or their like, at most ${most * 100} in 100 may. ` +
      `Name the actor first.\n${lines.join('\n')}\n${bad.join('\n')}`,
  );
}

describe('the words of', () => {
  it('the documents name the actor first', async () => {
    expectFew(await count(documents, (_, text) => paragraphsIn(text)));
  });

  it('the comments name the actor first', async () => {
    expectFew(await count(sources, commentsIn));
  });
});

describe('a sentence', () => {
  const textsIn = (text: string) => sentencesIn(paragraphsIn(text)).map((sentence) => sentence.text);

  it.each([
    ['One. Two is longer.\nIt goes on.', ['One.', 'Two is longer.', 'It goes on.']],
    ['Version 1.2 of e.g. curl is one sentence.', ['Version 1.2 of e.g. curl is one sentence.']],
    ['It calls `a.b. C`. `converge` is next.', ['It calls code.', 'code is next.']],
    ['- first\n- second\n  goes on\n1. third', ['first', 'second goes on', 'third']],
    ['| Name | Does |\n| --- | --- |\n| `x` | Starts it. |', ['Name', 'Does', 'code', 'Starts it.']],
    ['## Who is who\n\nText [with a link](a.md#b).', ['Text with a link.']],
    ['Text.\n\n```sh\n# What is left out\n```\n\nMore.', ['Text.', 'More.']],
    ['**Bold.** (Who is in brackets.)', ['Bold.', '(Who is in brackets.)']],
  ])('is found in %j', (text, expected) => {
    expect(textsIn(text)).toEqual(expected);
  });

  it.each([
    ['What ends a session is a row.', true],
    ['(Who asks again waits.)', true],
    ['Nobody is locked out.', true],
    ['Whatsoever is another word.', false],
    ['The start function asks who calls.', false],
  ])('%j hides its actor: %s', (sentence, expected) => {
    expect(opensBadly(sentence)).toBe(expected);
  });
});

describe('a comment', () => {
  it.each([
    ['a.ts', '/** One line. */\nconst a = 1;', [{ line: 1, text: 'One line.' }]],
    [
      'a.ts',
      'x();\n/**\n * First `code` line\n * goes on.\n *\n * Second.\n * @throws Error when it must.\n */',
      [
        { line: 3, text: 'First code line goes on.' },
        { line: 6, text: 'Second.' },
        { line: 7, text: 'Error when it must.' },
      ],
    ],
    [
      'a.ts',
      '// One\n// goes on.\nf(); // Two.\n// Three.',
      [
        { line: 1, text: 'One goes on.' },
        { line: 4, text: 'Three.' },
        { line: 3, text: 'Two.' },
      ],
    ],
    ['a.ts', "const url = 'https://x'; glob('docs/**/*.md', 'lib/**');", []],
    ['a.ts', '/** @param user the name */', [{ line: 1, text: 'the name' }]],
    [
      'a.sh',
      '#!/bin/sh\n# Runs sshd.\nx || true # it may be gone',
      [
        { line: 2, text: 'Runs sshd.' },
        { line: 3, text: 'it may be gone' },
      ],
    ],
  ])('is found in %s %j', (file, text, expected) => {
    expect(commentsIn(file, text)).toEqual(expected);
  });
});
