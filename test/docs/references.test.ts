/** Holds what the documents refer to: links, headings, npm scripts and files exist. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { documents, filesLike, root, textOf } from './documents.ts';
import { anchorsIn, inlineCode, relativeLinks } from './markdown.ts';

const texts = await Promise.all(documents.map(async (file) => ({ file, text: await textOf(file) })));

describe('the documents', () => {
  it('point to files and sections that exist', async () => {
    const links = texts.flatMap(({ file, text }) => relativeLinks(text).map((target) => ({ file, target })));
    expect(links.length).toBeGreaterThan(50);
    const broken = await Promise.all(links.map(async (link) => ((await leads(link)) ? [] : [link])));
    expect(broken.flat()).toEqual([]);
  });

  it('name npm scripts that exist', async () => {
    const { scripts } = v.parse(
      v.object({ scripts: v.record(v.string(), v.string()) }),
      JSON.parse(await textOf('package.json')),
    );
    const named = texts.flatMap(({ file, text }) =>
      [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, run, short]) => ({
        file,
        script: run ?? short ?? '',
      })),
    );
    expect(named.map(({ script }) => script)).toEqual(expect.arrayContaining(['start', 'test', 'check', 'fix']));
    expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
  });

  it('name files that exist', () => {
    const named = texts.flatMap(({ file, text }) => inlineCode(text).map((path) => ({ file, path })));
    const paths = named.filter(({ path }) => isPath.test(path));
    const names = named.filter(({ path }) => isFileName.test(path));
    expect(paths.length).toBeGreaterThan(50);
    expect(paths.filter(({ path }) => filesLike(asPattern(path)).length === 0)).toEqual([]);
    const known = new Set(filesLike('*', '*/**/*.*').map((path) => basename(path)));
    expect(names.filter(({ path }) => !known.has(path))).toEqual([]);
  });
});

/** A path from the root, perhaps with a placeholder such as `<kind>`. */
const isPath = /^(agent-image|bench|bin|contracts|docs|emulator|lambdas|lib|local|test|\.ci|\.github)\/[\w./<>*{},-]*$/;
const isFileName = /^[\w-]+\.(ts|sh|md)$/;

const asPattern = (path: string): string => path.replace(/<[^>]*>/g, '*').replace(/\/$/, '');

async function leads({ file, target }: { readonly file: string; readonly target: string }): Promise<boolean> {
  const [path = '', anchor] = target.split('#');
  const other = path === '' ? file : join(dirname(file), path);
  if (!existsSync(join(root, other))) return false;
  return anchor === undefined || anchorsIn(await textOf(other)).includes(anchor);
}
