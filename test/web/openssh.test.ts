import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MadeKey, makeKey } from '../../web/keys/make-key.ts';
import { run } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let keys: readonly MadeKey[];

beforeAll(async () => {
  folder = await makeTemporaryFolder('web-keys');
  keys = await Promise.all(Array.from({ length: 20 }, () => makeKey(new Date('2026-11-27T10:00:00Z'))));
  await Promise.all(keys.map(({ fileName, privateKeyFile }) => writeFile(join(folder.path, fileName), privateKeyFile)));
});

afterAll(() => folder.remove());

describe('a key that the page makes', () => {
  it('is read by ssh-keygen, which finds the same public key in it', async () => {
    for (const { fileName, publicKey } of keys) {
      const path = join(folder.path, fileName);
      await chmod(path, 0o600);
      const { code, stdout, stderr } = await run('ssh-keygen', ['-y', '-f', path]);
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${publicKey}\n`, stderr: '' });
    }
  });

  it('has the fingerprint that ssh-keygen shows', async () => {
    for (const { fileName, fingerprint } of keys) {
      const { stdout } = await run('ssh-keygen', ['-l', '-f', join(folder.path, fileName)]);
      expect(stdout).toBe(`256 ${fingerprint} made in the browser on 2026-11-27 (ED25519)\n`);
    }
  });

  it('has a file of its own', () => {
    expect(new Set(keys.map(({ fileName }) => fileName)).size).toBe(keys.length);
    for (const { fileName } of keys) expect(fileName).toMatch(/^bastion-[A-Za-z0-9]{8}$/);
  });

  it('signs what its public key verifies', async () => {
    const [key] = keys;
    const path = join(folder.path, key?.fileName ?? '');
    await writeFile(join(folder.path, 'signers'), `ann ${key?.publicKey}\n`);
    await writeFile(join(folder.path, 'text'), 'hello');
    const signing = await run('ssh-keygen', ['-Y', 'sign', '-n', 'file', '-f', path, join(folder.path, 'text')]);
    expect(signing).toMatchObject({ code: 0 });
    const verify = 'ssh-keygen -Y verify -n file -I ann -f signers -s text.sig < text';
    expect(await run('sh', ['-c', `cd "$1" && ${verify}`, 'sh', folder.path])).toMatchObject({ code: 0 });
  });
});
