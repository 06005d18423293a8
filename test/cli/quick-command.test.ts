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
import { runningSession, startScriptedApi } from './scripted-api.ts';

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

  it('shows the status as the whole program does', async () => {
    await using api = await startScriptedApi({ status: 200, body: runningSession({ user: 'a\u001bn' }) });
    await using person = await makePerson({ url: api.url });
    const whole = await person.bastion('status', '--json', '--quiet');
    expect(whole).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(whole.stdout)).toEqual(runningSession({ user: 'a\u001bn' }));
    for (const words of [['--json'], ['status', '--json']]) expect(await person.bastion(...words)).toEqual(whole);
    for (const words of [[], ['status'], ['status', '--quiet']]) {
      const { code, stdout, stderr } = await person.bastion(...words);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^running {2}ann@127.0.0.1 port 1\nuser {5}a\?n\nsince .*\n/);
    }
    expect(new Set(api.requests)).toEqual(new Set(['GET /?wait=0']));
  });

  it('says as the whole program does why there is no status', async () => {
    const messages = [
      [404, 'You have no session.', 3, /^bastion: No bastion is live. "bastion up" starts one.\n$/],
      [403, 'You may not.', 4, /^bastion: You may not.\n$/],
    ] as const;
    for (const [status, message, code, sentence] of messages) {
      await using api = await startScriptedApi({ status, body: { ErrorMessage: message } });
      await using person = await makePerson({ url: api.url });
      const outcome = await person.bastion();
      expect(outcome).toEqual({ code, stdout: '', stderr: expect.stringMatching(sentence) });
      expect(await person.bastion('status', '--quiet')).toEqual(outcome);
    }
    await using person = await makePerson({ url: 'ftp://x' });
    expect(await person.bastion()).toEqual(await person.bastion('status', '--quiet'));
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

it.each([
  [['help', 'tunel'], /^bastion: help: got the command "tunel", expected one of status, .* The nearest is tunnel\.\n$/],
  [['extend', '5'], /^bastion: time: got "5", expected a time such as 90m or 8h\.\n$/],
  [['up', '--ttl', '0m'], /^bastion: --ttl: got "0m", expected a time such as 90m or 8h\.\n$/],
])('%j ends with 2 and a sentence, and asks nobody', async (args, sentence) => {
  await using person = await makePerson({ url });
  expect(await person.bastion(...args)).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(sentence) });
});

it('ssh starts no bastion where there is no OpenSSH', async () => {
  await using api = await startScriptedApi({ status: 200, body: runningSession({}) });
  await using person = await makePerson({ url: api.url, env: { PATH: '/nowhere' } });
  const { code, stderr } = await person.bastion('ssh');
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'bastion: ssh does not start (spawn ssh ENOENT). Install OpenSSH.\n',
  });
  expect(api.requests).toEqual([]);
});
