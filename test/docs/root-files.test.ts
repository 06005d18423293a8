/** Holds the files at the root to each other. */
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { filesLike, textOf } from './documents.ts';

const manifest = v.object({ devDependencies: v.record(v.string(), v.string()) });

it('.node-version names the Node that package.json pins', async () => {
  const { devDependencies } = v.parse(manifest, JSON.parse(await textOf('package.json')));
  expect((await textOf('.node-version')).trim()).toBe(devDependencies.node);
});

it('.gitattributes gives every text file the line ends that its programs need', async () => {
  expect((await textOf('.gitattributes')).split('\n')).toContain('* text=auto eol=lf');
  const files = filesLike('*', '*/**/*.{ts,md,sh}', '*/**/Dockerfile', 'local/stand-ins/*').filter(
    (file) => file.includes('.') || file.includes('/'),
  );
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await textOf(file) })));
  expect(texts.length).toBeGreaterThan(100);
  expect(texts.filter(({ text }) => text.includes('\r')).map(({ file }) => file)).toEqual([]);
});

it('the workflow runs .ci/run and nothing beside it', async () => {
  const workflow = await textOf('.github/workflows/ci.yml');
  expect([...workflow.matchAll(/^ +(?:- )?run: (.*)$/gm)].map(([, command]) => command)).toEqual([
    'sudo env "PATH=$PATH" CI=true .ci/run',
  ]);
});
