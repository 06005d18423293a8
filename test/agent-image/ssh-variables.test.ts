import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { searchPath } from '../../local/machine.ts';
import { agentFolder } from '../support/local-tasks.ts';
import { type KeyPair, makeKeyPair, run } from '../support/ssh.ts';

let directory: string;
let key: KeyPair;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agent-test-'));
  key = await makeKeyPair(directory, 'key');
});

afterAll(() => rm(directory, { recursive: true }));

const secondsFromNow = (seconds: number): string => `${Math.floor(Date.now() / 1000) + seconds}`;

const keyMessage =
  /^bastion: AUTHORIZED_KEY: got .*, expected one OpenSSH public key on one line, without options in front\n$/;
const endMessage = /^bastion: LATEST_END: got .*, expected a moment to come, in seconds since 1970\n$/;
const portMessage = /^bastion: SSH_PORT: got .*, expected a port from 1 to 65535\n$/;
const listenMessage = /^bastion: SSHD_LISTEN: got .*, expected an IPv4 address and a port, such as 127.78.0.2:2222\n$/;

test.each<[what: string, changes: (good: string) => Record<string, string | undefined>, message: RegExp]>([
  ['no key', () => ({ AUTHORIZED_KEY: undefined }), keyMessage],
  ['an empty key', () => ({ AUTHORIZED_KEY: '' }), keyMessage],
  ['a key that is none', () => ({ AUTHORIZED_KEY: 'ssh-ed25519 AAAA' }), keyMessage],
  ['a word', () => ({ AUTHORIZED_KEY: 'hello' }), keyMessage],
  ['two keys', (good) => ({ AUTHORIZED_KEY: `${good}\n${good}` }), keyMessage],
  ['a key with options', (good) => ({ AUTHORIZED_KEY: `command="id" ${good}` }), keyMessage],
  ['a certificate authority', (good) => ({ AUTHORIZED_KEY: `cert-authority ${good}` }), keyMessage],
  ['no end', () => ({ LATEST_END: undefined }), endMessage],
  ['an end in the past', () => ({ LATEST_END: secondsFromNow(-1) }), endMessage],
  ['an end in milliseconds', () => ({ LATEST_END: `${Date.now()}` }), endMessage],
  ['an end that is a date', () => ({ LATEST_END: '2099-01-01T00:00:00Z' }), endMessage],
  ['an end that is arithmetic', () => ({ LATEST_END: 'a[$(id)]' }), endMessage],
  ['port 0', () => ({ SSH_PORT: '0' }), portMessage],
  ['port 65536', () => ({ SSH_PORT: '65536' }), portMessage],
  ['a port that is a name', () => ({ SSH_PORT: 'ssh' }), portMessage],
  ['an address without port', () => ({ SSHD_LISTEN: '127.0.0.1' }), listenMessage],
  ['an address that is a name', () => ({ SSHD_LISTEN: 'localhost:2222' }), listenMessage],
  ['an address with a bad port', () => ({ SSHD_LISTEN: '127.0.0.1:70000' }), listenMessage],
  [
    'a run directory that cannot be',
    () => ({ RUN_DIR: '/dev/null/run' }),
    /^bastion: RUN_DIR: got \/dev\/null\/run, expected .*\n$/,
  ],
])('%s ends it with code 64 and one line', async (_what, changes, message) => {
  const { code, stdout, stderr } = await run(join(agentFolder, 'entrypoint.sh'), [], {
    PATH: searchPath(),
    RUN_DIR: join(directory, 'run'),
    AUTHORIZED_KEY: key.publicKey,
    LATEST_END: secondsFromNow(3600),
    ...changes(key.publicKey),
  });
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toMatch(message);
});

test('ready.sh waits for a greeting of SSH, and not only for an open port', async () => {
  let greeting = 'HTTP/1.1 400 Bad Request\r\n';
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    // The right greeting comes after ready.sh has refused others.
    if (connections === 3) greeting = 'SSH-2.0-test\r\n';
    socket.on('error', () => {}).end(greeting);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  expect(await run(join(agentFolder, 'ready.sh'), [], { PATH: searchPath(), SSH_PORT: `${address.port}` })).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
  expect(connections).toBe(3);
  server.close();
});
