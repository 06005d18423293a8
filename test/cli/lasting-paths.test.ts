/** The paths that ssh's configuration gets, and what becomes of them. */
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCached, isPassing, lastingPath } from '../../cli/ssh/lasting-paths.ts';
import { commandLine, wordsOf } from '../../cli/ssh/words.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { makePerson } from './person.ts';

const url = 'http://127.0.0.1:1';
let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;

beforeAll(async () => {
  folder = await makeTemporaryFolder('command');
  await buildCommand(folder.path);
});
afterAll(() => folder.remove());

it.each([
  ['/usr/bin/node', false, false],
  ['/opt/homebrew/bin/node', false, false],
  ['/opt/homebrew/Cellar/node/24.1.0/bin/node', true, false],
  ['/home/ann/.nvm/versions/node/v24.1.0/bin/node', true, false],
  ['/run/user/1000/fnm_multishells/1234_5678/bin/node', true, false],
  ['/opt/node-v24.1.0-linux-x64/bin/node', true, false],
  ['/home/ann/.npm/_npx/0a1b/node_modules/bastion-on-demand/bin/bastion.js', true, true],
  ['/home/ann/.cache/pnpm/dlx/0a1b/x/node_modules/bastion-on-demand/bin/bastion.js', true, true],
  ['/tmp/xfs-1a2b/dlx-77/node_modules/bastion-on-demand/bin/bastion.js', true, true],
  ['/tmp/bunx-1000-bastion-on-demand@latest/node_modules/bastion-on-demand/bin/bastion.js', true, true],
  ['C:\\Users\\ann\\AppData\\Local\\nvm\\v24.1.0\\node.exe', true, false],
  ['C:\\Users\\ann\\AppData\\Local\\npm-cache\\_npx\\0a\\node_modules\\bastion-on-demand\\bin\\bastion.js', true, true],
])('%s passes: %s, and is cached: %s', (path, passes, cached) => {
  expect([isPassing(path), isCached(path)]).toEqual([passes, cached]);
});

it('a file in the folder of its version has the lasting path that leads to it, or keeps its own', async () => {
  await using place = await makeTemporaryFolder('paths');
  const at = (path: string) => join(place.path, path);
  const [real, link, other] = [at('Cellar/24.1.0/node'), at('bin/node'), at('other/node')];
  for (const path of [real, link, other]) await mkdir(dirname(path), { recursive: true });
  await writeFile(real, '');
  await symlink(real, link);
  await writeFile(other, '');
  const env = { PATH: `.:${at('none')}:${at('other')}:${dirname(real)}:${at('bin')}` };
  expect(lastingPath(real, [], 'node', env)).toBe(link);
  expect(lastingPath(link, [], 'node', {})).toBe(real);
  expect(lastingPath(real, [link], 'node', {})).toBe(link);
  expect(lastingPath(other, [], 'node', env)).toBe(other);
});

it.each(['linux', 'win32'] as const)('the words of a command line for %s can be read again', (platform) => {
  // A word of ours is a path or an option. On Windows its backslashes have become slashes.
  const unit = fc.constantFrom(...(platform === 'win32' ? 'a/ %"-' : 'a/ %"-\'\\$'));
  const words = fc.array(fc.string({ unit, minLength: 1 }), { minLength: 1 });
  fc.assert(fc.property(words, (given) => void expect(wordsOf(commandLine(given, platform), platform)).toEqual(given)));
});

describe.concurrent('ssh-config', () => {
  /** A person whose command stands in a folder of its own below the home. */
  async function personAt(path: string) {
    const home = await makeTemporaryFolder('at');
    const own = join(home.path, path);
    await cp(folder.path, own, { recursive: true });
    const person = await makePerson({ url, program: join(own, 'bin/bastion.cjs') });
    return {
      person,
      own,
      install: (action: string) => person.bastion('ssh-config', action, '--file', person.sshConfig),
      async [Symbol.asyncDispose]() {
        await person[Symbol.asyncDispose]();
        await home.remove();
      },
    };
  }

  it('is not installed from the cache of npx, and printed with a warning', async ({ expect }) => {
    await using place = await personAt('_npx/0a1b/node_modules/bastion-on-demand');
    expect(await place.install('--install')).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^bastion: ssh-config: got .*_npx.*expected an installed command\. Run "npm install/,
      ),
    });
    await expect(readFile(place.person.sshConfig)).rejects.toThrow('ENOENT');
    const printed = await place.install('--print');
    expect(printed).toMatchObject({ code: 0, stdout: expect.stringContaining('ProxyCommand') });
    expect(printed.stderr).toMatch(/^bastion: ssh will run .*_npx.*which goes with its version\./m);
  });

  it('warns of a path that goes with a version, and doctor names it once it is gone', async ({ expect }) => {
    await using place = await personAt('versions/v24.1.0');
    const { code, stderr } = await place.install('--install');
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^bastion: ssh will run .*v24\.1\.0.* again after/)]);
    const doctor = async () => {
      const { stdout } = await place.person.run('node', join(folder.path, 'bin/bastion.cjs'), 'doctor', '--json');
      const findings: { check: string; status: string; found: string }[] = JSON.parse(stdout);
      return findings.filter(({ check }) => check === 'ssh_config');
    };
    expect(await doctor()).toMatchObject([{ status: 'ok' }]);
    await rm(place.own, { recursive: true });
    expect(await doctor()).toEqual([
      {
        check: 'ssh_config',
        status: 'fault',
        found: `"ssh bastion" needs ${place.own}/bin/bastion.cjs, which is gone. Run "bastion ssh-config --install" again.`,
      },
    ]);
    await writeFile(join(dirname(place.person.sshConfig), 'bastion/deployment.json'), '{');
    expect(await doctor()).toMatchObject([
      {},
      { found: expect.stringMatching(/cannot read its settings\. .*got no JSON/) },
    ]);
  });
});
