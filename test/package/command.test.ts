/** Runs the command of the installed package, on the pinned Node and on the machine's own. */
import { readFile, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { packageRoot } from '../../lib/package-root.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { installInto, nodes, run } from './machine.ts';

/** A blank in a path is usual where people have their own names for folders. */
let home: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let version: string;

beforeAll(async () => {
  home = await makeTemporaryFolder('user of the command');
  ({ version } = v.parse(
    v.object({ version: v.string() }),
    JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')),
  ));
  const folder = home.path;
  const { code, stderr } = await run(
    ['npm', 'install', '--global', '--prefix', join(folder, 'global'), inject('tarball')],
    { folder },
  );
  if (code !== 0) throw new Error(`npm install --global ended with ${code}: ${stderr}`);
});
afterAll(() => home.remove());

describe.each(nodes)('on Node $version, the command', ({ path }) => {
  const bastion = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    run([join(home.path, 'global/bin/bastion'), ...args], { folder: home.path, path, env });

  it('says its version and its help', async () => {
    expect(await bastion(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect(await bastion(['help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ {2}tunnel /m),
      stderr: '',
    });
  });

  it('asks the API', async () => {
    const server = createServer((_, response) => {
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"ErrorMessage":"No bastion is live for ann."}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address instanceof Object ? address.port : 0;
    const { code, stderr } = await bastion(['--url', `http://127.0.0.1:${port}`]);
    server.close();
    expect({ code, stderr }).toEqual({ code: 3, stderr: 'bastion: No bastion is live. "bastion up" starts one.\n' });
  });

  it('asks AWS’s providers of credentials', async () => {
    const url = 'https://abc123.execute-api.eu-west-1.amazonaws.com';
    const { code, stderr } = await bastion(['--url', url], { AWS_EC2_METADATA_DISABLED: 'true' });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^.*AWS gives no credentials: Could not load credentials from any providers\./),
    });
  });
});

describe('npx', () => {
  it('runs the command by the package’s full name', async () => {
    await using folder = await makeTemporaryFolder('npx');
    await installInto(folder.path, inject('tarball'));
    const { code, stdout } = await run(['npx', '--no-install', 'bastion-on-demand', '--version'], {
      folder: folder.path,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
  });

  it('runs the command of the tarball without installing it', async () => {
    await using folder = await makeTemporaryFolder('npx');
    await symlink(inject('tarball'), join(folder.path, 'bastion.tgz'));
    const { code, stdout } = await run(['npx', '--yes', './bastion.tgz', '--version'], { folder: folder.path });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
  });
});
