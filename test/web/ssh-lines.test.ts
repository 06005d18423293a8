import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sshLine, trustLine } from '../../web/words/ssh-lines.ts';
import { run } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

let home: Awaited<ReturnType<typeof makeTemporaryFolder>>;

beforeAll(async () => {
  home = await makeTemporaryFolder('web home'); // with a blank, as on some machines
  await mkdir(join(home.path, '.ssh'));
});

afterAll(() => home.remove());

const inShell = (line: string) => run('sh', ['-c', line], { ...process.env, HOME: home.path });

describe('the line that trusts a bastion', () => {
  it('replaces the file of host keys', async () => {
    await inShell(trustLine({ hostKeys: ['ssh-ed25519 AAAAold'] }));
    await inShell(trustLine({ hostKeys: ['ssh-ed25519 AAAA+/=', 'ecdsa-sha2-nistp256 BBBB=='] }));
    expect(await readFile(join(home.path, '.ssh/bastion_known_hosts'), 'utf8')).toBe(
      'bastion ssh-ed25519 AAAA+/=\nbastion ecdsa-sha2-nistp256 BBBB==\n',
    );
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

  it('connects to no host with another key than the noted ones', () => {
    const line = sshLine({ host: '203.0.113.7', port: 22, login: 'bastion' });
    expect(line).toContain("-o UserKnownHostsFile='~/.ssh/bastion_known_hosts' -o StrictHostKeyChecking=yes");
  });
});
