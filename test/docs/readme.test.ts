/** Holds the documents to what they describe, so that neither changes without the other. */
import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { settings } from '../../lib/settings/settings.ts';

const root = join(import.meta.dirname, '../..');
const textOf = (file: string) => readFile(join(root, file), 'utf8');

describe('the README', () => {
  it('lists every setting and no other, as lib/settings/settings.ts has them', async () => {
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

/** Links within the project: to a file, seen from this one, to a heading of it, or to a heading of this one. */
async function linksIn(file: string, text: string) {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => target ?? []);
  const links = targets.filter((target) => !/^https?:/.test(target));
  return Promise.all(links.map(async (target) => ({ file, target, leads: await leads(file, target) })));
}

async function leads(file: string, target: string): Promise<boolean> {
  const [path = '', anchor] = target.split('#');
  const other = path === '' ? file : join(dirname(file), path);
  if (!existsSync(join(root, other))) return false;
  return anchor === undefined || anchorsIn(await textOf(other)).includes(anchor);
}

const anchorsIn = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
