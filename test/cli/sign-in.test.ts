/** People sign in with the command, and use it with their tokens, against the local run with its identity provider. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { makePerson, type Person } from './person.ts';
import { answerAs, beginLogin, loginAs, tokensFile } from './sign-in-steps.ts';

let run: RecordedRun;
let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let program: string;

beforeAll(async () => {
  folder = await makeTemporaryFolder('login');
  [program, run] = await Promise.all([buildCommand(folder.path), startRecordedRun({}, { issuerPort: 0 })]);
});
afterAll(async () => {
  await run.stop();
  await folder.remove();
});

const tokens = v.object({ token: v.string(), refreshToken: v.string() });
const secretsOf = async (person: Person) =>
  Object.values(v.parse(tokens, JSON.parse(await readFile(tokensFile(person, run.api), 'utf8'))));

/** A person who has configured the local run, and has signed in if they have a name. */
async function personAs(name?: string, url = run.api): Promise<Person> {
  const person = await makePerson({ program });
  const configured = await person.bastion('configure', '--url', url);
  expect(configured).toMatchObject({ code: 0, stdout: expect.stringContaining('Run "bastion login" next.') });
  if (name !== undefined) expect(await loginAs(name, person)).toMatchObject({ code: 0 });
  return person;
}

describe('a person', () => {
  it('signs in with a browser, starts a bastion, enters it with ssh, removes it and signs out', async () => {
    await using person = await personAs();
    const untold = await person.bastion();
    expect(untold).toEqual({
      code: 1,
      stdout: '',
      stderr: `bastion: You are not signed in. Run "bastion login --url ${run.api}".\n`,
    });
    const waiting = await beginLogin(person);
    expect(waiting.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    const page = await fetch(await answerAs('ann', waiting));
    expect(await page.text()).toContain('Signed in');
    expect(await waiting.outcome).toMatchObject({ code: 0, stdout: `Signed in to ${run.api} as ann@example.com.\n` });
    expect(await person.bastion('ssh', '--', 'echo', 'inside')).toEqual({ code: 0, stdout: 'inside\n', stderr: '' });
    const status = JSON.parse((await person.bastion('--json')).stdout);
    expect(status).toMatchObject({ user: 'ann@example.com', startedBy: `${run.issuer}#ann`, state: 'running' });
    expect(JSON.parse((await person.bastion('ls', '--json')).stdout)).toMatchObject([{ user: 'ann@example.com' }]);
    expect(await person.bastion('down')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('of ann@example.com'),
    });
    expect(await person.bastion('logout')).toMatchObject({ code: 0, stderr: '' });
    expect(await person.bastion()).toEqual(untold);
    expect(await person.bastion('logout')).toMatchObject({
      code: 0,
      stdout: `You were not signed in to ${run.api}.\n`,
    });
  });

  it('acts for others as an admin alone', async () => {
    await using ann = await personAs('ann');
    await using olga = await makePerson({ program, url: run.api });
    expect(await loginAs('olga', olga)).toMatchObject({
      stdout: expect.stringContaining('olga@example.com, an admin'),
    });
    expect(await ann.bastion('up')).toMatchObject({ code: 0 });
    expect(await ann.bastion('--user', 'olga@example.com')).toMatchObject({ code: 4 });
    expect(await olga.bastion('--user', 'ann@example.com')).toMatchObject({ code: 0 });
    expect(await olga.bastion('down', '--user', 'ann@example.com')).toMatchObject({ code: 0 });
    expect(await ann.bastion()).toMatchObject({ code: 3 });
  });

  it('sees no token: not in the output, in JSON, in details, or in files that others read', async () => {
    await using person = await personAs('ann');
    const secrets = await secretsOf(person);
    const outputs = await Promise.all([
      person.bastion('status', '--verbose'),
      person.bastion('status', '--json', '--verbose'),
      person.bastion('ls', '--json'),
      person.bastion('doctor', '--verbose'),
      person.bastion('ssh-config', '--print'),
    ]);
    const said = [...outputs.map(({ stdout, stderr }) => stdout + stderr), run.output()].join();
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
    const entries = await readdir(person.state, { recursive: true, withFileTypes: true });
    const modes = await Promise.all(entries.map(async (e) => (await stat(join(e.parentPath, e.name))).mode & 0o077));
    expect(modes.length).toBeGreaterThan(2);
    expect(modes.filter((others) => others !== 0)).toEqual([]);
    expect(await readFile(join(person.home, '.config/bastion/config.json'), 'utf8')).not.toContain('token');
  });

  it('who denies the sign-in gets a sentence in the terminal and in the browser', async () => {
    await using person = await personAs();
    const { url, redirectUri, outcome } = await beginLogin(person);
    const state = new URL(url).searchParams.get('state') ?? '';
    const denial = new URLSearchParams({ state, error: 'access_denied', iss: run.issuer ?? '' });
    const page = await fetch(`${redirectUri}?${denial}`);
    expect(await page.text()).toContain('The sign-in was cancelled');
    expect(await outcome).toMatchObject({ code: 4, stdout: '' });
    await expect(stat(tokensFile(person, run.api))).rejects.toThrow(/ENOENT/);
  });

  it('is not signed in by an answer of another sign-in, and goes on with their own', async () => {
    await using person = await personAs();
    const waiting = await beginLogin(person);
    const own = await answerAs('ann', waiting);
    const foreign = new URL(own);
    foreign.searchParams.set('state', 'another');
    expect((await fetch(foreign)).status).toBe(400);
    expect((await fetch(`${waiting.redirectUri}?code=x`)).status).toBe(400);
    expect((await fetch(own, { method: 'POST' })).status).toBe(404);
    expect((await fetch(new URL('/favicon.ico', own))).status).toBe(404);
    const [first, second] = await Promise.allSettled([fetch(own), fetch(own)]);
    const statuses = [first, second].map((one) => (one.status === 'fulfilled' ? one.value.status : 'closed'));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(await waiting.outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('ann@example.com') });
    await expect(fetch(own)).rejects.toThrow();
  });

  it('is not signed in by an answer that bears the name of another issuer', async () => {
    await using person = await personAs();
    const waiting = await beginLogin(person);
    const answer = new URL(await answerAs('ann', waiting));
    answer.searchParams.set('iss', 'https://evil.example.com');
    expect(await (await fetch(answer)).text()).toContain('did not pass the checks');
    expect(await waiting.outcome).toMatchObject({ code: 1, stdout: '' });
  });

  it('who cancels with Ctrl-C leaves no port and no tokens', async () => {
    await using person = await personAs();
    const { redirectUri, outcome, cancel } = await beginLogin(person);
    cancel();
    expect(await outcome).toMatchObject({ code: 128, stdout: '' });
    await expect(fetch(redirectUri)).rejects.toThrow();
    await expect(stat(tokensFile(person, run.api))).rejects.toThrow(/ENOENT/);
  });

  it('who never comes back ends the wait, with a sentence', async () => {
    await using person = await personAs();
    expect(await person.bastion('login', '--timeout', '1')).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining('Run "bastion login" again.'),
    });
  });
});

it('status loads the library of sign-in only to renew a token', async () => {
  await using person = await personAs('ann');
  const coverage = join(person.home, 'coverage');
  await using watched = await makePerson({
    env: { HOME: person.home, NODE_V8_COVERAGE: coverage, BASTION_URL: run.api },
  });
  expect(await watched.bastion()).toMatchObject({ code: 3 });
  const [file = ''] = await readdir(coverage);
  const loaded = await readFile(join(coverage, file), 'utf8');
  expect(loaded).toContain('cli/sign-in/person.ts');
  expect(loaded).not.toMatch(/oauth4webapi|sign-in\/issuer/);
});
