/** Holds the decisions to the comments that refer to them, and to their index. */
import { describe, expect, it } from 'vitest';
import { filesLike, textOf } from './documents.ts';

const numberOf = (file: string) => /(\d{4})-[^/]*\.md$/.exec(file)?.[1] ?? '';
const decisions = filesLike('docs/decisions/0*.md');

describe('the decisions', () => {
  it('have numbers of their own', () => {
    expect(decisions.length).toBeGreaterThan(10);
    expect(new Set(decisions.map(numberOf)).size).toBe(decisions.length);
  });

  it('are those that comments refer to', async () => {
    const numbers = decisions.map(numberOf);
    const sources = filesLike('{bin,lib,contracts,lambdas,emulator,local,bench,agent-image}/**/*.{ts,sh}');
    const texts = await Promise.all(sources.map(textOf));
    const referred = texts.flatMap((text) =>
      [...text.matchAll(/docs\/decisions\/(\d{4})/g)].map(([, number]) => number ?? ''),
    );
    expect(referred).toContain('0018');
    expect(referred.filter((number) => !numbers.includes(number))).toEqual([]);
  });

  it('stand in the index in their order, each with its title and its state', async () => {
    const rows = (await textOf('docs/decisions/README.md')).split('\n').filter((line) => line.startsWith('| ['));
    const expected = await Promise.all(
      decisions.map(async (file) => {
        const text = await textOf(file);
        const [, title = ''] = /^# \d{4} (.*)$/m.exec(text) ?? [];
        const [, state] = /^Superseded ((?:in part )?by .*?)\.$/m.exec(text) ?? [];
        const shown = state === undefined ? 'holds' : `superseded ${state}`;
        return `| [${numberOf(file)}](${file.split('/').at(-1)}) | ${title} | ${shown} |`;
      }),
    );
    expect(rows).toEqual(expected);
  });
});
