import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sshLine, trustLine } from '../../web/words/ssh-lines.ts';
import { run } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

let home: Awaited<ReturnType<typeof makeTemporaryFolder>>;

beforeAll(async () => {
  home = await makeTemporaryFolder('web home'); // with a blank, as on some machines
});

afterAll(() => home.remove());

const file = () => join(home.path, '.ssh/bastion_known_hosts');

/** Shells that a person may have, each with its option to keep files from being replaced. */
const shells: readonly (readonly [string, ...string[]])[] = [
  ['sh', '-C'],
  ['bash', '-C'],
  ['zsh', '-f', '-o', 'noclobber'],
];

const inShell = ([shell, ...options]: readonly [string, ...string[]], line: string) =>
  run(shell, [...options, '-c', line], { ...process.env, HOME: home.path });

const isThere = async (shell: string) => (await run('sh', ['-c', `command -v ${shell}`])).code === 0;

describe('the line that trusts a bastion', () => {
  it.for(shells)('replaces the file of host keys in %s, and makes its folder', async (shell, { skip }) => {
    skip(!(await isThere(shell[0])), `There is no ${shell[0]}.`);
    await rm(join(home.path, '.ssh'), { recursive: true, force: true });
    await inShell(shell, trustLine({ hostKeys: ['ssh-ed25519 AAAAold'] }));
    const outcome = await inShell(
      shell,
      trustLine({ hostKeys: ['ssh-ed25519 AAAA+/=', 'ecdsa-sha2-nistp256 BBBB=='] }),
    );
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(file(), 'utf8')).toBe('bastion ssh-ed25519 AAAA+/=\nbastion ecdsa-sha2-nistp256 BBBB==\n');
    expect((await stat(join(home.path, '.ssh'))).mode & 0o777).toBe(0o700);
  });
});

describe('the ssh line', () => {
  it.each([
    [
      { host: '203.0.113.7', port: 22, login: 'bastion' },
      undefined,
      /^ssh -o HostKeyAlias=bastion .* bastion@203\.0\.113\.7$/,
    ],
    [
      { host: '203.0.113.7', port: 2222, login: 'ann' },
      'bastion-AbCd1234',
      /^ssh -p 2222 -i ~\/Downloads\/bastion-AbCd1234 /,
    ],
    [{ host: '203.0.113.7', port: 22, login: "o'neil x" }, undefined, / 'o'\\''neil x@203\.0\.113\.7'$/],
  ])('of %j with the key file %j is one that a shell understands', (session, keyFile, expected) =>
    expect(sshLine(session, keyFile)).toMatch(expected),
  );

  it.for(
    shells.flatMap((shell) =>
      ["o'neil x", 'a$HOME`id`;b', 'DOMAIN\\ann', '=x', '~ann', 'é"*?!'].map((login) => [shell, login] as const),
    ),
  )('in %s names the login %s as it is', async ([shell, login], { skip }) => {
    skip(!(await isThere(shell[0])), `There is no ${shell[0]}.`);
    const line = sshLine({ host: '203.0.113.7', port: 22, login });
    const { stdout } = await inShell(shell, `ssh() { for last; do :; done; printf %s "$last"; }; ${line}`);
    expect(stdout).toBe(`${login}@203.0.113.7`);
  });

  it('connects to no host with another key than the noted ones', () => {
    const line = sshLine({ host: '203.0.113.7', port: 22, login: 'bastion' });
    expect(line).toContain("-o UserKnownHostsFile='~/.ssh/bastion_known_hosts' -o StrictHostKeyChecking=yes");
  });
});
