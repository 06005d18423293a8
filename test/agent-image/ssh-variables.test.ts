import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { searchPath } from '../../local/machine.ts';
import { sessionId } from '../support/agent-task.ts';
import { type KeyPair, makeKeyPair, run } from '../support/ssh.ts';

const entrypoint = join(import.meta.dirname, '../../agent-image/ssh/entrypoint.sh');

/** Variables that lead to no handoff, because the entrypoint ends before it asks for one. */
const handoff = {
  AWS_REGION: 'us-east-1',
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/',
  ECS_CONTAINER_METADATA_URI_V4: 'http://127.0.0.1:9',
  HANDOFF_TABLE: 'handoff',
  HANDOFF_ROLE_ID: 'AROAEXAMPLE',
};

let directory: string;
let key: KeyPair;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agent-test-'));
  key = await makeKeyPair(directory, 'key');
});

afterAll(() => rm(directory, { recursive: true }));

const secondsFromNow = (seconds: number): string => `${Math.floor(Date.now() / 1000) + seconds}`;

const keyMessage =
  /^\[\S+\] bastion: AUTHORIZED_KEY: got .*, expected one OpenSSH public key on one line, without options in front\n$/;
const idMessage = /^bastion: SESSION_ID: got .*, expected the session's id, a UUID\n$/;
const endMessage = /^\[\S+\] bastion: LATEST_END: got .*, expected a moment to come, in seconds since 1970\n$/;
const portMessage = /^\[\S+\] bastion: SSH_PORT: got .*, expected a port from 1 to 65535\n$/;
const pooledMessage = /^\[\S+\] bastion: POOLED: got .*, expected true, or no such variable\n$/;
const idleMessage = /^\[\S+\] bastion: IDLE_END: got .*, expected a positive number of seconds\n$/;
const needed = (name: string) =>
  new RegExp(`^\\[\\S+\\] bastion: ${name}: got nothing, expected what the task definition or ECS sets\\n$`);
const listenMessage =
  /^\[\S+\] bastion: SSHD_LISTEN: got .*, expected an IPv4 address and a port, such as 127.78.0.2:2222\n$/;

test.each<[what: string, changes: (good: string) => Record<string, string | undefined>, message: RegExp]>([
  ['no key', () => ({ AUTHORIZED_KEY: undefined }), keyMessage],
  ['an empty key', () => ({ AUTHORIZED_KEY: '' }), keyMessage],
  ['a key that is none', () => ({ AUTHORIZED_KEY: 'ssh-ed25519 AAAA' }), keyMessage],
  ['a word', () => ({ AUTHORIZED_KEY: 'hello' }), keyMessage],
  ['two keys', (good) => ({ AUTHORIZED_KEY: `${good}\n${good}` }), keyMessage],
  ['a key with options', (good) => ({ AUTHORIZED_KEY: `command="id" ${good}` }), keyMessage],
  ['a certificate authority', (good) => ({ AUTHORIZED_KEY: `cert-authority ${good}` }), keyMessage],
  ['no session', () => ({ SESSION_ID: undefined }), idMessage],
  ['a session that is a name', () => ({ SESSION_ID: 'one' }), idMessage],
  ['a session with a line break', () => ({ SESSION_ID: `${sessionId}\nAccepted` }), idMessage],
  ['no end', () => ({ LATEST_END: undefined }), endMessage],
  ['an end in the past', () => ({ LATEST_END: secondsFromNow(-1) }), endMessage],
  ['an end in milliseconds', () => ({ LATEST_END: `${Date.now()}` }), endMessage],
  ['an end that is a date', () => ({ LATEST_END: '2099-01-01T00:00:00Z' }), endMessage],
  ['an end that is arithmetic', () => ({ LATEST_END: 'a[$(id)]' }), endMessage],
  [
    'a key of a pooled bastion',
    () => ({ POOLED: 'true' }),
    /^\[\S+\] bastion: AUTHORIZED_KEY: got .* beside POOLED, expected one of the two\n$/,
  ],
  ['a pool that is a number', () => ({ POOLED: '1' }), pooledMessage],
  ['a pool without a pool', () => ({ POOLED: 'false', AUTHORIZED_KEY: undefined }), pooledMessage],
  ['no idle time', () => ({ IDLE_END: '0' }), idleMessage],
  ['a negative idle time', () => ({ IDLE_END: '-1' }), idleMessage],
  ['an idle time in words', () => ({ IDLE_END: '30m' }), idleMessage],
  ['an idle time that is arithmetic', () => ({ IDLE_END: 'a[$(id)]' }), idleMessage],
  ['port 0', () => ({ SSH_PORT: '0' }), portMessage],
  ['port 65536', () => ({ SSH_PORT: '65536' }), portMessage],
  ['a port that is a name', () => ({ SSH_PORT: 'ssh' }), portMessage],
  ['an address without port', () => ({ SSHD_LISTEN: '127.0.0.1' }), listenMessage],
  ['an address that is a name', () => ({ SSHD_LISTEN: 'localhost:2222' }), listenMessage],
  ['an address with a bad port', () => ({ SSHD_LISTEN: '127.0.0.1:70000' }), listenMessage],
  ...Object.keys(handoff).map((name): [string, () => Record<string, undefined>, RegExp] => [
    `no ${name}`,
    () => ({ [name]: undefined }),
    needed(name),
  ]),
  [
    'a run directory that cannot be',
    () => ({ RUN_DIR: '/dev/null/run' }),
    /^\[\S+\] bastion: RUN_DIR: got \/dev\/null\/run, expected .*\n$/,
  ],
])('%s ends it with code 64 and one line', async (_what, changes, message) => {
  const { code, stdout, stderr } = await run(entrypoint, [], {
    PATH: searchPath(),
    RUN_DIR: join(directory, 'run'),
    ...handoff,
    SESSION_ID: sessionId,
    AUTHORIZED_KEY: key.publicKey,
    LATEST_END: secondsFromNow(3600),
    ...changes(key.publicKey),
  });
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toMatch(message);
});
