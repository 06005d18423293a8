import { describe, expect, it } from 'vitest';
import { replaceSection, table } from './results.ts';

const text = '# Results\n\nHead.\n\n## One\n\n1\n\n## Two\n\n2\n';

describe('a section of the results', () => {
  it('replaces the one with its title', () => {
    expect(replaceSection(text, 'One', '## One\n\n3')).toBe('# Results\n\nHead.\n\n## One\n\n3\n\n## Two\n\n2\n');
  });

  it('is appended if its title is new', () => {
    expect(replaceSection(text, 'On', '## On\n\n3')).toBe(`${text}\n## On\n\n3\n`);
  });
});

describe('a table', () => {
  it('is Markdown', () => {
    expect(table(['a', 'b'], [[1, 'x|y']])).toEqual(['| a | b |', '| --- | --- |', '| 1 | x\\|y |']);
  });
});
