/** Holds the documents to what they describe, so that neither changes without the other. */
import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { settings } from '../../lib/config.ts';

const root = join(import.meta.dirname, '../..');
const textOf = (file: string) => readFile(join(root, file), 'utf8');

describe('the README', () => {
  it('lists every setting and no other, as lib/config.ts has them', async () => {
    const [, section = ''] = (await textOf('README.md')).split('\n## Settings\n');
    const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
    const expected = Object.entries(settings).map(([name, setting]) => {
      const typed = setting.default === '' ? '' : `\`${setting.default}\``;
      return `| \`${name}\` | ${typed} | ${setting.description} |`;
    });
    expect(rows).toEqual(expected);
  });

  it('names npm scripts that exist', async () => {
    const { scripts } = v.parse(
      v.object({ scripts: v.record(v.string(), v.string()) }),
      JSON.parse(await textOf('package.json')),
    );
    const named = [...(await textOf('README.md')).matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)];
    const names = [...new Set(named.map(([, run, short]) => run ?? short))];
    expect(names).toEqual(expect.arrayContaining(['start', 'test', 'check', 'fix']));
    expect(names.filter((name) => name === undefined || !(name in scripts))).toEqual([]);
  });
});

describe('the documents', () => {
  it('point to files and sections that exist', async () => {
    const files = ['README.md', ...globSync('docs/**/*.md', { cwd: root })];
    const links = await Promise.all(files.map(async (file) => linksIn(file, await textOf(file))));
    expect(links.flat().length).toBeGreaterThan(0);
    expect(links.flat().filter(({ leads }) => !leads)).toEqual([]);
  });

  it('are the decisions that comments refer to', async () => {
    const numbers = globSync('*.md', { cwd: join(root, 'docs/decisions') }).map((name) => name.slice(0, 4));
    expect(new Set(numbers).size).toBe(numbers.length);
    const sources = globSync('{bin,lib,lambdas,local,bench}/**/*.ts', { cwd: root });
    const texts = await Promise.all(sources.map(textOf));
    const referred = texts.flatMap((text) =>
      [...text.matchAll(/docs\/decisions\/(\d{4})/g)].map(([, number]) => number),
    );
    expect(referred).toContain('0004');
    expect(referred.filter((number) => number === undefined || !numbers.includes(number))).toEqual([]);
  });
});

/** Links within the project: to a file beside this one, or to a heading of this one. */
function linksIn(
  file: string,
  text: string,
): { readonly file: string; readonly target: string; readonly leads: boolean }[] {
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => target ?? []);
  return targets
    .filter((target) => !/^https?:/.test(target))
    .map((target) => {
      const leads = target.startsWith('#')
        ? anchors.includes(target.slice(1))
        : existsSync(join(root, dirname(file), target));
      return { file, target, leads };
    });
}
