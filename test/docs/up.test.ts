/** Runs the function `up` of docs/ssh.md in each shell, with replies that a reader rarely meets. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { textOf } from './documents.ts';
import { blocksIn } from './markdown.ts';
import { runScript, shellsHere } from './shells.ts';

const page = blocksIn(await textOf('docs/ssh.md'));
const up = page.find(({ language, text }) => language === 'sh' && text.startsWith('up()'))?.text ?? '';

const starting = { state: 'starting', host: '203.0.113.7', port: 22, login: 'bastion', hostKeys: ['ssh-ed25519 OLD'] };
const running = { ...starting, state: 'running', port: 2222, hostKeys: ['ssh-ed25519 A', 'ecdsa-sha2-nistp256 B'] };

/** A function `api` that returns these replies one after the other, and fails afterwards. */
const replying = (...replies: readonly object[]) => `sleep() { :; }
api() {
  echo call >> ~/calls
  local call=$(wc -l < ~/calls)
  sed -n "$((call))p" ~/replies | grep . || { echo '{"ErrorMessage":"No."}'; return 22; }
}
cat > ~/replies <<'END'
${replies.map((reply) => JSON.stringify(reply)).join('\n')}
END`;

describe.each(shellsHere)('in $shell, up', ({ path }) => {
  async function runUp(...replies: readonly object[]) {
    await using folder = await makeTemporaryFolder('an n');
    const files = { host: join(folder.path, '.ssh/bastion.host'), keys: join(folder.path, '.ssh/bastion_known_hosts') };
    await mkdir(join(folder.path, '.ssh'));
    for (const file of Object.values(files)) await writeFile(file, 'before\n');
    const { code, stderr } = await runScript(path, `${replying(...replies)}\n${up}\nup`, [], {
      ...process.env,
      HOME: folder.path,
    });
    const [host, keys] = await Promise.all([readFile(files.host, 'utf8'), readFile(files.keys, 'utf8')]);
    return { code, stderr, host, keys };
  }

  it('waits for sshd, then replaces both files', async () => {
    expect(await runUp(starting, starting, running)).toEqual({
      code: 0,
      stderr: '',
      host: 'HostName 203.0.113.7\nPort 2222\nUser bastion\n',
      keys: 'bastion ssh-ed25519 A\nbastion ecdsa-sha2-nistp256 B\n',
    });
  });

  it.each([
    ['the API refuses', [], '{"ErrorMessage":"No."}\n'],
    ['the start fails', [starting], '{"ErrorMessage":"No."}\n'],
    ['a reply names no host keys', [{ state: 'running', host: '203.0.113.7' }], expect.stringContaining('jq: error')],
  ])('fails and changes no file if %s', async (_, replies, stderr) => {
    const outcome = await runUp(...replies);
    expect(outcome).toEqual({ code: expect.any(Number), stderr, host: 'before\n', keys: 'before\n' });
    expect(outcome.code).not.toBe(0);
  });
});
