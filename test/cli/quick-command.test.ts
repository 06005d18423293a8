/** The commands that ssh runs for each connection meet a broken machine: each says one sentence at most, and no stack of ours. */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { bastionFolder } from '../../cli/state/places.ts';
import { remember } from '../../cli/state/session.ts';
import { outcomeOf } from '../support/ssh.ts';
import { makePerson, type Person } from './person.ts';

const url = 'http://127.0.0.1:1';
const program = join(import.meta.dirname, '../../bin/bastion.js');

function rememberBastion({ home }: Person, port: number) {
  const env = { XDG_STATE_HOME: join(home, '.local/state') };
  const bastion = {
    sessionId: 'one',
    user: 'ann',
    host: '127.0.0.1',
    port,
    login: 'ann',
    keyFingerprint: 'SHA256:none',
    identity: '/dev/null',
    expiresAt: '2099-11-20T13:00:00Z',
    seenAt: new Date().toISOString(),
  };
  remember(bastionFolder(env, url, undefined), bastion, { knownHosts: '', sshOptions: '' });
}

describe('a quick command', () => {
  it('with a URL that is none ends with 2 and a sentence', async () => {
    await using person = await makePerson({ url: 'ftp://x' });
    const outcome = await person.bastion('up', '--if-needed');
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/^bastion: url .* got "ftp:\/\/x".*\n$/);
    const proxied = await person.bastion('proxy');
    expect(proxied).toMatchObject({ code: 255, stderr: '' });
    expect(proxied.stdout).toContain('got "ftp://x"');
  });

  it('with a state that cannot be read asks the API', async () => {
    await using person = await makePerson({ url });
    await mkdir(
      join(bastionFolder({ XDG_STATE_HOME: join(person.home, '.local/state') }, url, undefined), 'session.json'),
      {
        recursive: true,
      },
    );
    const { code, stderr } = await person.bastion('up', '--if-needed');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^bastion: .*\n$/);
  });

  it('works in a folder that has been removed', async () => {
    await using person = await makePerson({ url });
    rememberBastion(person, 1);
    await mkdir(join(person.home, 'gone'));
    const line = 'cd gone && rmdir ../gone && exec "$0" "$1" up --if-needed';
    expect(await person.run('sh', '-c', line, process.execPath, program)).toEqual({
      code: 0,
      stdout: '127.0.0.1\n',
      stderr: '',
    });
  });

  it('whose reader has gone is silent, and one whose output has no room says so', async () => {
    await using person = await makePerson({ url });
    rememberBastion(person, 1);
    for (const words of [['up', '--if-needed'], ['--version']]) {
      const child = person.start(...words);
      child.stdout.destroy();
      expect(await Promise.all([text(child.stderr), once(child, 'exit')])).toEqual(['', [0, null]]);
    }
    for (const words of ['--version', '--help']) {
      const line = `exec "$0" "$1" ${words} > /dev/full`;
      const { code, stderr } = await person.run('sh', '-c', line, process.execPath, program);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^bastion: .*no space left.*\n$/);
    }
  });

  it('leaves it to ssh to tell that the connection has broken', async () => {
    await using person = await makePerson({ url });
    const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    rememberBastion(person, typeof address === 'object' && address !== null ? address.port : 0);
    const child = person.start('proxy', 'bastion');
    child.stdin.write('hello');
    expect(await outcomeOf(child)).toEqual({ code: 0, stdout: '', stderr: '' });
    server.close();
  });
});
