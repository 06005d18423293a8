/** The command against an API whose replies are written down. */
import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHostKeys } from '../../lambdas/host-keys.ts';
import { makeBastionTask } from '../support/bastion-task.ts';
import { exitOf, type KeyPair, makeKeyPair, run } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { makePerson } from './person.ts';
import { runningSession, type ScriptedReply, startScriptedApi } from './scripted-api.ts';

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let program: string;
/** A key for all, so that the command makes none. */
let key: KeyPair;
let keyFingerprint: string;

beforeAll(async () => {
  folder = await makeTemporaryFolder('command');
  [program, key] = await Promise.all([buildCommand(folder.path), makeKeyPair(folder.path, 'key')]);
  keyFingerprint = await fingerprintOf(key.privateKey);
});
afterAll(() => folder.remove());

/** What `ssh-keygen -l` prints as the key's fingerprint. */
async function fingerprintOf(privateKey: string): Promise<string> {
  const { stdout } = await run('ssh-keygen', ['-l', '-f', `${privateKey}.pub`]);
  return stdout.split(' ')[1] ?? '';
}

const failure = (status: number, body: object, headers = {}): ScriptedReply => ({ status, body, headers });

it('connects to the sshd that has the keys of the reply, and to no impostor at its address', async () => {
  const bastion = await makeBastionTask();
  const { target } = await bastion.start();
  const session = runningSession({
    port: target.port,
    login: userInfo().username,
    keyFingerprint: await fingerprintOf(target.identity),
    hostKeys: [...bastion.hostKeys.publicKeys],
  });
  const impostor = { ...session, hostKeys: [...(await makeHostKeys()).publicKeys] };
  const body = (view: object) => ({ status: 200, body: view });
  await using api = await startScriptedApi(body(session), body(impostor), body(session));
  await using person = await makePerson({ url: api.url, program });
  const enter = () => person.bastion('ssh', '--key', target.identity, '--', 'echo', 'inside');
  expect(await enter()).toEqual({ code: 0, stdout: 'inside\n', stderr: '' });
  expect(await enter()).toMatchObject({
    code: 255,
    stdout: '',
    stderr: expect.stringContaining('verification failed'),
  });
  expect(await enter()).toMatchObject({ code: 0 });
  await bastion.task.close();
});

it('sends one request that starts and does not wait, then looks until the bastion runs', async () => {
  const { host: _, ...rest } = runningSession({ keyFingerprint, state: 'starting' });
  const starting = { status: 202, body: rest };
  const running = { status: 200, body: runningSession({ keyFingerprint }) };
  await using api = await startScriptedApi(
    starting,
    failure(503, { ErrorMessage: 'AWS throttles.' }),
    starting,
    running,
  );
  await using person = await makePerson({ url: api.url, program });
  expect(await person.bastion('up', '--key', key.privateKey)).toEqual({ code: 0, stdout: '127.0.0.1\n', stderr: '' });
  expect(api.requests).toEqual([
    `POST /?wait=0 ${JSON.stringify({ publicKey: key.publicKey.split(' ').slice(0, 2).join(' ') })}`,
    'GET /?wait=3',
    'GET /?wait=3',
    'GET /?wait=3',
  ]);
});

it('gives up waiting after --timeout, and says how to go on', async () => {
  await using api = await startScriptedApi({ status: 202, body: runningSession({ state: 'starting' }) });
  await using person = await makePerson({ url: api.url, program });
  expect(await person.bastion('up', '--timeout', '1', '--key', key.privateKey)).toMatchObject({
    code: 5,
    stdout: '',
    stderr: expect.stringMatching(/^bastion: The bastion still starts, since .*same command again/),
  });
});

it('ends with 130 on Ctrl-C while it waits', async () => {
  await using api = await startScriptedApi({ status: 202, body: runningSession({ state: 'starting' }) });
  await using person = await makePerson({ url: api.url, program });
  const child = person.start('up', '--verbose', '--key', key.privateKey);
  await new Promise((resolve) => child.stderr.once('data', resolve)); // the first request has its answer
  child.kill('SIGINT');
  expect(await exitOf(child)).toBe(130);
});

it('says that a start has failed when the session is gone', async () => {
  const session = runningSession({ state: 'starting' });
  const ended = { ...session, state: 'stopped', reason: 'start-failed' };
  const none = failure(404, { ErrorMessage: 'No bastion is live for ann.' });
  await using api = await startScriptedApi({ status: 202, body: session }, none, {
    status: 200,
    body: { sessions: [ended] },
  });
  await using person = await makePerson({ url: api.url, program });
  expect(await person.bastion('up', '--key', key.privateKey)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Its start failed.'),
  });
});

describe.concurrent('an error of the API', () => {
  const id = { 'x-request-id': 'r-1' };
  it.each<[ScriptedReply, number, string | RegExp]>([
    [failure(400, { ErrorMessage: 'ttl: got "x".' }, id), 2, 'ttl: got "x". (request r-1)'],
    [failure(403, { ErrorMessage: 'ann may not act for bob.' }, id), 4, 'ann may not act for bob. (request r-1)'],
    [
      failure(403, { message: 'Forbidden' }),
      4,
      'Forbidden. The API refuses these credentials. Your identity needs execute-api:Invoke on it.',
    ],
    [
      failure(403, { message: 'The security token included in the request is expired' }, { 'apigw-requestid': 'g-1' }),
      1,
      'The security token included in the request is expired. Sign in again, for example with "aws sso login --profile work" or "aws login". (request g-1)',
    ],
    [
      failure(403, { message: 'Signature expired: 20261120T115000Z is now earlier than 20261120T120000Z' }),
      1,
      /^bastion: Signature expired: .* This machine's clock says .* GMT, AWS's .* GMT\. Set it right\.\n$/,
    ],
    [
      failure(404, { message: 'Not Found' }),
      1,
      'Not Found. This URL has no such route. Compare it with the output ApiUrl of the stack.',
    ],
    [failure(409, { ErrorMessage: 'It was stopped. Try again.' }), 4, 'It was stopped. Try again.'],
    [failure(429, { ErrorMessage: '20 bastions are live.' }), 5, '20 bastions are live.'],
    [failure(500, {}), 1, 'The API answered 500 without a reason. Try again in a minute.'],
    [
      failure(302, {}),
      1,
      'The API answered 302 without a reason. Compare the URL with the output ApiUrl of the stack, or with the one that npm start prints.',
    ],
    [
      failure(400, { message: 'No operation GET /' }),
      2,
      /^bastion: No operation GET \/\. Compare the URL with the output ApiUrl/,
    ],
    [failure(503, { ErrorMessage: 'AWS has no capacity.' }), 5, 'AWS has no capacity.'],
    [failure(503, { ErrorMessage: 'Wait.\u001b]0;title\u0007' }), 5, 'Wait.?]0;title?'],
    [
      { status: 200, body: '<html>\n\u001b[31m', headers: id },
      1,
      `The API's reply cannot be used: it begins with "<html>\\n\\u001b[31m". Compare the URL with the output ApiUrl of the stack. (request r-1)`,
    ],
    [
      { status: 200, body: { ...runningSession({}), port: '22' } },
      1,
      `The API's reply cannot be used: port is "22". Compare the URL with the output ApiUrl of the stack.`,
    ],
  ])('%j ends with %d and "%s"', async (reply, code, sentence) => {
    await using api = await startScriptedApi(reply);
    await using person = await makePerson({ url: api.url, program });
    expect(await person.bastion('up', '--profile', 'work', '--key', key.privateKey)).toEqual({
      code,
      stdout: '',
      stderr: typeof sentence === 'string' ? `bastion: ${sentence}\n` : expect.stringMatching(sentence),
    });
  });
});

it.concurrent.each([
  ['a name for an address', { host: '-oProxyCommand=x' }],
  ['a second line in a host key', { hostKeys: ['ssh-ed25519 AAAA\n* ssh-ed25519 BBBB'] }],
  ['a marker in a host key', { hostKeys: ['@cert-authority * ssh-ed25519 AAAA'] }],
  ['no host keys', { hostKeys: [] }],
  ['a port that is none', { port: -1 }],
])('refuses a reply with %s', async (_name, change) => {
  await using api = await startScriptedApi({ status: 200, body: runningSession({ keyFingerprint, ...change }) });
  await using person = await makePerson({ url: api.url, program });
  expect(await person.bastion('up', '--key', key.privateKey)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining("The API's reply cannot be used"),
  });
});

describe('down --all', () => {
  it('asks for --yes', async () => {
    await using person = await makePerson({ url: 'http://127.0.0.1:1', program });
    expect(await person.bastion('down', '--all')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
  });

  it("removes each person's bastion, and no target of a webhook", async () => {
    const { host: _, ...rest } = runningSession({ user: 'webhook', agent: 'ssm' });
    const sessions = [runningSession({ user: 'ann' }), rest, runningSession({ user: 'bob' })];
    const page = { status: 200, body: { sessions } };
    const none = { status: 200, body: { sessions: [] } };
    await using api = await startScriptedApi(page, none, { status: 200, body: {} });
    await using person = await makePerson({ url: api.url, program });
    expect(await person.bastion('down', '--all', '--yes')).toMatchObject({ code: 0 });
    expect(api.requests.filter((request) => request.startsWith('DELETE'))).toEqual([
      'DELETE /?user=ann',
      'DELETE /?user=bob',
    ]);
  });
});

it.concurrent.each([
  ['ssh', ''],
  ['tunnel', 'db.internal:5432', '--exec', ' '],
])('refuses an empty text in "%s" and starts nothing', async (...args) => {
  await using api = await startScriptedApi({ status: 200, body: runningSession({ keyFingerprint }) });
  await using person = await makePerson({ url: api.url, program });
  expect(await person.bastion(...args, '--key', key.privateKey)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('expected'),
  });
  expect(api.requests).toEqual([]);
});

it.concurrent('configure says that the environment or bastion.json still names another deployment', async () => {
  await using api = await startScriptedApi(
    { status: 404, body: { message: 'Not Found' } }, // a deployment without an identity provider
    { status: 200, body: runningSession({ keyFingerprint }) },
  );
  await using person = await makePerson({ url: 'http://127.0.0.1:1', program });
  expect(await person.bastion('configure', '--url', api.url)).toMatchObject({
    code: 0,
    stderr: 'bastion: Here the environment names http://127.0.0.1:1, which comes first.\n',
  });
});
