/** Holds the README to its size: one page that a newcomer reads to the end. */
import { describe, expect, it } from 'vitest';
import { filesLike, textOf } from './documents.ts';

describe('the README', () => {
  it('has at most 130 lines and 1,000 words', async () => {
    const text = await textOf('README.md');
    const lines = text.trimEnd().split('\n').length;
    const words = text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
    expect({ lines, words }).toSatisfy(() => lines <= 130 && words <= 1000);
  });

  it('names every page of docs in its table', async () => {
    const readme = await textOf('README.md');
    const pages = filesLike('docs/*.md', 'docs/*/README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md');
    expect(pages.length).toBeGreaterThan(10);
    expect(pages.filter((page) => page !== 'docs/README.md' && !readme.includes(`](${page})`))).toEqual([]);
  });
});
