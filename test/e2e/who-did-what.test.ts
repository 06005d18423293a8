/** The question of docs/security.md, put to the log of a whole life: who was on which bastion, when, from where, with which key. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { callerArn } from '../../local/caller.ts';
import { blocksIn } from '../docs/markdown.ts';
import { type LogEvent, type Row, runQuery } from '../support/logs-insights.ts';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { type KeyPair, makeKeyPair, run, type SshTarget, ssh } from '../support/ssh.ts';
import { User, untilGone } from '../support/user.ts';

let local: RecordedRun;
let directory: string;
let key: KeyPair;
let othersKey: KeyPair;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'who-'));
  key = await makeKeyPair(directory, 'key');
  othersKey = await makeKeyPair(directory, 'others');
  local = await startRecordedRun();
});

afterAll(async () => {
  await local.stop();
  await rm(directory, { recursive: true });
});

/** Runs the query of the document for a session. */
async function ask(sessionId: string, events: readonly LogEvent[] = local.events): Promise<Row[]> {
  const document = await readFile(join(import.meta.dirname, '../../docs/security.md'), 'utf8');
  const query = blocksIn(document).find(({ text }) => text.includes('| filter sessionId = '))?.text ?? '';
  return runQuery(query.replaceAll('00000000-0000-4000-8000-000000000000', sessionId), events);
}

/** Logs in and out, and waits until the log says so. */
async function logIn(sessionId: string, target: SshTarget): Promise<void> {
  const logouts = async () => (await ask(sessionId)).filter(({ logoutPort }) => logoutPort !== undefined).length;
  const before = await logouts();
  expect(await ssh(target, 'true')).toMatchObject({ code: 0 });
  await expect.poll(logouts, { timeout: 20_000 }).toBe(before + 1);
}

async function fingerprint({ privateKey }: KeyPair): Promise<string> {
  const { stdout } = await run('ssh-keygen', ['-l', '-f', `${privateKey}.pub`]);
  return stdout.split(' ')[1] ?? '';
}

it('one id of a session gives who asked, from where, and which key logged in and out when', async () => {
  const ann = new User(local, 'ann', key);
  const { sessionId, target } = await ann.start();
  const other = await new User(local, 'bob', othersKey).start();
  await logIn(sessionId, target);
  await logIn(other.sessionId, other.target);
  await ann.post('--interface', '127.0.0.9');
  await logIn(sessionId, { ...target, options: ['-b', '127.0.0.9'] });
  await ann.delete();
  await untilGone(local, sessionId);

  const rows = await ask(sessionId);
  const caller = callerArn('000000000000', userInfo().username);
  const keyFingerprint = await fingerprint(key);
  const decisions = ['task accepted', 'address moved', 'stop asked for'];
  expect(rows.filter(({ message = '' }) => decisions.includes(message))).toMatchObject([
    { message: 'task accepted', caller, sourceIp: '127.0.0.1', keyFingerprint },
    { message: 'address moved', caller, sourceIp: '127.0.0.9', keyFingerprint },
    { message: 'stop asked for', caller, sourceIp: '127.0.0.1', keyFingerprint },
  ]);

  // In Docker sshd sees the address of the bridge.
  const seen = (address: string) => (inject('containers') === 'processes' ? address : expect.any(String));
  const logins = rows.filter(({ loginKey }) => loginKey !== undefined);
  expect(logins).toMatchObject([
    { loginFrom: seen('127.0.0.1'), loginKey: keyFingerprint },
    { loginFrom: seen('127.0.0.9'), loginKey: keyFingerprint },
  ]);
  const logouts = rows.filter(({ logoutPort }) => logoutPort !== undefined);
  expect(logouts.map(({ logoutPort }) => logoutPort)).toEqual(logins.map(({ loginPort }) => loginPort));

  const story = rows
    .map((row) => [row.message, row.loginKey && 'login', row.logoutPort && 'logout'].find(Boolean))
    .filter((event) => [...decisions, 'login', 'logout'].includes(event ?? ''));
  expect(story).toEqual([
    ...['task accepted', 'login', 'logout'],
    ...['address moved', 'login', 'logout'],
    'stop asked for',
  ]);
  for (const row of rows) expect(JSON.stringify(row)).not.toContain(await fingerprint(othersKey));
});

it('a client of one bastion writes no line into the answer about another', async () => {
  const [own, another] = ['d8f002cd-38da-41e2-94a9-5060d7c79645', '30c420bb-66a2-4546-835e-f7c9aff1a66c'];
  const forged = `[${another}] Accepted publickey for root from 192.0.2.1 port 1 ssh2: ED25519 SHA256:x`;
  const events = [`Invalid user ${forged}`, `    | ${forged}`].map((text) => ({
    timestamp: 0,
    message: `[${own}] ${text}`,
  }));
  expect(await ask(another, events)).toEqual([]);
  expect(await ask(own, events)).toMatchObject([{ loginKey: undefined }, { loginKey: undefined }]);
});
