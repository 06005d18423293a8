/** The end of the bastion behind a tunnel: a real sshd, and an API whose replies are written down. */
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SessionView } from '../../contracts/api.ts';
import { type BastionTask, makeBastionTask } from '../support/bastion-task.ts';
import { exitOf, lineOf, run, type SshTarget } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { type Echo, startEcho, throughPort } from './echo.ts';
import { makePerson } from './person.ts';
import { runningSession, startScriptedApi } from './scripted-api.ts';

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let program: string;
let bastion: BastionTask;
let target: SshTarget;
let keyFingerprint: string;
let echo: Echo;

beforeAll(async () => {
  folder = await makeTemporaryFolder('command');
  [program, bastion, echo] = await Promise.all([buildCommand(folder.path), makeBastionTask(), startEcho()]);
  target = (await bastion.start()).target;
  keyFingerprint = (await run('ssh-keygen', ['-l', '-f', `${target.identity}.pub`])).stdout.split(' ')[1] ?? '';
});
afterAll(async () => {
  echo.close();
  await bastion.task.close();
  await folder.remove();
});

/** A reply about a bastion that has so many minutes left. */
const reply = (minutes: number) => replyOf({ expiresAt: new Date(Date.now() + minutes * 60_000).toISOString() });

function replyOf(changes: Partial<SessionView>) {
  const { port } = target;
  const hostKeys = [...bastion.hostKeys.publicKeys];
  const session = runningSession({ port, login: userInfo().username, keyFingerprint, hostKeys, ...changes });
  return { status: 200, body: session };
}

/** Opens a tunnel, sends words through it as often as asked, and closes it once the API had so many requests. */
async function tunnel({
  minutes,
  args,
  uses,
  requests,
}: {
  readonly minutes: readonly number[];
  readonly args: readonly string[];
  readonly uses: number;
  readonly requests: number;
}) {
  await using api = await startScriptedApi(...minutes.map(reply));
  await using person = await makePerson({ url: api.url, program });
  const child = person.start('tunnel', `0:127.0.0.1:${echo.port}`, '--key', target.identity, ...args);
  const stderr = text(child.stderr);
  const port = Number(/:(\d+) +->/.exec(await lineOf(child.stdout, /->/))?.[1]);
  for (let use = 0; use < uses; use += 1) expect(await throughPort(port, 'x')).toBe('echo x');
  await expect.poll(() => api.requests.length).toBe(requests);
  child.kill('SIGINT');
  expect(await exitOf(child)).toBe(130);
  return { asked: api.requests.map((request) => request.replace(/ \{.*/, '')), stderr: await stderr };
}

it('--keep extends the bastion once half of the time is over, when a connection uses the tunnel', async () => {
  expect(await tunnel({ minutes: [20, 60, 60], args: ['--keep'], uses: 3, requests: 2 })).toEqual({
    asked: ['POST /?wait=0', 'POST /?ttl=1h&wait=0'],
    stderr: '',
  });
});

it('--keep extends by --ttl, and not before its half is over', async () => {
  const early = await tunnel({ minutes: [70], args: ['--keep', '--ttl', '2h'], uses: 1, requests: 1 });
  expect(early.asked).toEqual(['POST /?ttl=2h&wait=0']);
  const late = await tunnel({ minutes: [50, 120], args: ['--keep', '--ttl', '2h'], uses: 1, requests: 2 });
  expect(late.asked).toEqual(['POST /?ttl=2h&wait=0', 'POST /?ttl=2h&wait=0']);
});

it('--keep leaves an unused bastion alone, and so does a tunnel without it', async () => {
  const asked = ['POST /?wait=0'];
  expect(await tunnel({ minutes: [20], args: ['--keep'], uses: 0, requests: 1 })).toEqual({ asked, stderr: '' });
  expect(await tunnel({ minutes: [20], args: [], uses: 2, requests: 1 })).toEqual({ asked, stderr: '' });
});

it('--keep says when the deployment allows no later end, and asks no more', async () => {
  const { asked, stderr } = await tunnel({ minutes: [20, 20], args: ['--keep'], uses: 2, requests: 2 });
  expect(asked).toEqual(['POST /?wait=0', 'POST /?ttl=1h&wait=0']);
  expect(stderr).toMatch(/^bastion: The bastion ends at the latest moment that its deployment allows: .* left\)/);
});

it('opens again where the API says that the bastion is now, with its host keys of now', async () => {
  const other = await makeBastionTask();
  const { target: moved } = await other.start({ AUTHORIZED_KEY: bastion.key.publicKey });
  const { target: first, process: firstSshd } = await bastion.start();
  const now = replyOf({ port: moved.port, hostKeys: [...other.hostKeys.publicKeys] });
  await using api = await startScriptedApi(replyOf({ port: first.port }), now, now);
  await using person = await makePerson({ url: api.url, program });
  const child = person.start('tunnel', `0:127.0.0.1:${echo.port}`, '--key', first.identity);
  const port = Number(/:(\d+) +->/.exec(await lineOf(child.stdout, /->/))?.[1]);
  firstSshd.kill();
  await run('pkill', ['-P', `${child.pid}`]); // its one child is ssh
  await expect.poll(() => throughPort(port, 'x').catch(() => 'closed'), { timeout: 20_000 }).toBe('echo x');
  expect(api.requests.map((request) => request.replace(/ \{.*/, ''))).toEqual([
    'POST /?wait=0',
    'GET /?wait=0',
    'POST /?wait=0',
  ]);
  child.kill('SIGINT');
  expect(await exitOf(child)).toBe(130);
  await other.task.close();
});

it('opens what it says, and ends with the command, whatever the person has set for every host', async () => {
  await using api = await startScriptedApi(reply(60));
  await using person = await makePerson({ url: api.url, program });
  await mkdir(dirname(person.sshConfig));
  await writeFile(person.sshConfig, 'Host *\n  ClearAllForwardings yes\n  ForkAfterAuthentication yes\n');
  const child = person.start('tunnel', `0:127.0.0.1:${echo.port}`, '--key', target.identity);
  const port = Number(/:(\d+) +->/.exec(await lineOf(child.stdout, /->/))?.[1]);
  expect(await throughPort(port, 'x')).toBe('echo x');
  child.kill('SIGINT');
  expect(await exitOf(child)).toBe(130);
  await expect(throughPort(port, 'x')).rejects.toThrow();
});
