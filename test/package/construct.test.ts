/** Synthesizes the app of the package's README with the installed package, and with the checkout. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { packageRoot } from '../../lib/package-root.ts';
import { blocksIn } from '../docs/markdown.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { installInto, linkCdk, nodes, run } from './machine.ts';

const resourcesSchema = v.record(v.string(), v.looseObject({ Type: v.string(), Properties: v.optional(v.unknown()) }));
const templateSchema = v.looseObject({ Resources: resourcesSchema });
type Template = v.InferOutput<typeof templateSchema>;

/** The app, with images that do not change with the month, and without CDK's check of the template, which takes seconds. */
let source: string;
let user: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let own: Template;

beforeAll(async () => {
  const readme = await readFile(join(packageRoot, 'package/README.md'), 'utf8');
  const [block] = blocksIn(readme).filter(({ language }) => language === 'js');
  source = (block?.text ?? '')
    .replace('maxSessions: 10', "maxSessions: 10, imageUpdates: '2026-11'")
    .replace('new App()', 'new App({ builtinCloudFormationValidation: false })');
  expect(source).toMatch(/Validation: false(.|\n)*imageUpdates/);
  user = await makeTemporaryFolder('app of a user');
  await installInto(user.path, inject('tarball'));
  await linkCdk(user.path);
  await using checkout = await makeTemporaryFolder('checkout');
  await linkCdk(checkout.path);
  const library = pathToFileURL(join(packageRoot, 'lib/index.ts')).href;
  own = await synthesize(checkout.path, 'app.mjs', source.replace("'bastion-on-demand'", `'${library}'`));
});
afterAll(() => user.remove());

/** Runs an app as `cdk synth` does. @returns the template of its stack */
async function synthesize(folder: string, file: string, code: string, path?: string): Promise<Template> {
  await writeFile(join(folder, file), code);
  const outdir = join(folder, `${file}.out`);
  const env = { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: '{"aws:cdk:disable-version-reporting":true}' };
  const ended = await run(['node', file], { folder, env, ...(path !== undefined && { path }) });
  if (ended.code !== 0) throw new Error(`The app ended with ${ended.code}: ${ended.stderr}`);
  return v.parse(templateSchema, JSON.parse(await readFile(join(outdir, 'Data.template.json'), 'utf8')));
}

const assetsOf = (folder: string, file: string) =>
  readdir(join(folder, `${file}.out`)).then((names) => names.filter((name) => name.startsWith('asset.')).sort());

describe('the checkout’s template of the README’s app', () => {
  it('has bastions in the app’s VPC, and a rule of the database that lets them in', () => {
    const types = Object.values(own.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::EC2::VPC')).toHaveLength(1);
    expect(types.filter((type) => type === 'AWS::Lambda::Function').length).toBeGreaterThan(8);
    const rule = Object.values(own.Resources).find(({ Type }) => Type === 'AWS::EC2::SecurityGroupIngress');
    expect(rule?.Properties).toMatchObject({
      FromPort: 5432,
      ToPort: 5432,
      GroupId: { 'Fn::GetAtt': [expect.stringMatching(/^Database/), 'GroupId'] },
      SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringMatching(/^BastionsNetworkClients/), 'GroupId'] },
    });
  });
});

describe.each(nodes)('on Node $version, the installed construct', ({ path }) => {
  it('makes the same template by import', async () => {
    expect(await synthesize(user.path, 'app.mjs', source, path)).toEqual(own);
    expect(await assetsOf(user.path, 'app.mjs')).not.toEqual([]);
  });

  it('makes the same template by require', async () => {
    const { code } = await transform(source, { format: 'cjs' });
    expect(code).toContain('require("bastion-on-demand")');
    expect(await synthesize(user.path, 'app.cjs', code, path)).toEqual(own);
  });
});

describe('the types of the installed construct', () => {
  const check = async (file: string, code: string) => {
    await writeFile(join(user.path, file), code);
    const tsc = join(packageRoot, 'node_modules/typescript/bin/tsc');
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      '',
      '--skipLibCheck',
    ];
    return (await run([process.execPath, tsc, ...options, file], { folder: user.path })).stdout;
  };

  it.each(['app.mts', 'app.cts'])('take the app of the README as %s', async (file) => {
    expect(await check(file, source)).toBe('');
  });

  it.each(['wrong.mts', 'wrong.cts'])('refuse a wrong prop in %s', async (file) => {
    expect(await check(file, source.replace('maxSessions: 10', "maxSessions: 'ten'"))).toMatch(
      /error TS2322: Type 'string' is not assignable to type 'number'/,
    );
  });
});
