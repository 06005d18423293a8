/** How long a sign-in lasts, and what ends it. Tokens of this issuer end so soon that each command renews them. */
import { chmod, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploymentName } from '../../cli/state/places.ts';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { Browser, endpointsOf, exchange } from '../support/sign-in.ts';
import { outcomeOf, readLines } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { makePerson, type Person } from './person.ts';
import { startScriptedApi } from './scripted-api.ts';
import { changeTokens, loginAs, tokensFile } from './sign-in-steps.ts';

let run: RecordedRun;
let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let program: string;

beforeAll(async () => {
  folder = await makeTemporaryFolder('sign-in');
  const signIn = { issuerPort: 0, tokenSeconds: 30 };
  [program, run] = await Promise.all([buildCommand(folder.path), startRecordedRun({}, signIn)]);
});
afterAll(async () => {
  await run.stop();
  await folder.remove();
});

const tokens = v.object({ token: v.string(), refreshToken: v.string(), expiresAt: v.string() });
const tokensOf = async (person: Person) =>
  v.parse(tokens, JSON.parse(await readFile(tokensFile(person, run.api), 'utf8')));

async function ann(): Promise<Person> {
  const person = await makePerson({ program, url: run.api });
  expect(await loginAs('ann', person)).toMatchObject({ code: 0 });
  return person;
}

const long = { past: '2020-01-01T00:00:00.000Z', future: '2099-01-01T00:00:00.000Z' };
const noBastion = { code: 3, stdout: '' };
const ended = (words: string) => ({
  code: 1,
  stdout: '',
  stderr: expect.stringMatching(
    new RegExp(`^bastion: [^\n]*${words}[^\n]* Run "bastion login --url ${run.api}"\\.\n$`),
  ),
});

describe.concurrent('a sign-in', () => {
  it('is renewed by one terminal at a time', async ({ expect }) => {
    await using person = await ann();
    const before = await tokensOf(person);
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => person.bastion()));
    expect(outcomes.map(({ code }) => code)).toEqual([3, 3, 3, 3]);
    const after = await tokensOf(person);
    expect(after.token).not.toBe(before.token);
    expect(after.refreshToken).not.toBe(before.refreshToken);
    expect(await person.bastion()).toMatchObject(noBastion);
    await expect(stat(`${tokensFile(person, run.api)}.lock`)).rejects.toThrow(/ENOENT/);
  });

  it('is renewed after a terminal that was killed while it did so', async ({ expect }) => {
    await using person = await ann();
    const lock = `${tokensFile(person, run.api)}.lock`;
    await writeFile(lock, '');
    await utimes(lock, new Date(long.past), new Date(long.past));
    expect(await person.bastion()).toMatchObject(noBastion);
  });

  it('is renewed when the API refuses a token that should be good', async ({ expect }) => {
    await using person = await ann();
    await changeTokens(person, run.api, { token: 'a.b.c', expiresAt: long.future });
    expect(await person.bastion()).toMatchObject(noBastion);
    await changeTokens(person, run.api, { token: 'a.b.c', expiresAt: long.future, refreshToken: undefined });
    expect(await person.bastion()).toMatchObject({
      ...ended('does not accept your sign-in'),
      code: 4,
      stderr: expect.stringContaining('Run "bastion login'),
    });
  });

  it('without a refresh token is over when its token is', async ({ expect }) => {
    await using person = await ann();
    await changeTokens(person, run.api, { refreshToken: undefined });
    expect(await person.bastion()).toMatchObject(noBastion);
    await changeTokens(person, run.api, { expiresAt: long.past });
    for (const words of [[], ['up'], ['ssh'], ['down'], ['ls'], ['extend', '1h']]) {
      expect(await person.bastion(...words)).toEqual(ended('Your sign-in is over.'));
    }
  });

  it('whose refresh token the issuer has ended is over', async ({ expect }) => {
    await using person = await ann();
    await changeTokens(person, run.api, { refreshToken: 'ended' });
    expect(await person.bastion()).toEqual(ended('Your sign-in is over.'));
    expect(await person.bastion()).toEqual(ended('You are not signed in.'));
  });

  it('lasts as long as its token while the issuer is out of reach', async ({ expect }) => {
    await using person = await ann();
    await changeTokens(person, run.api, { endpoints: { token: 'http://127.0.0.1:1/' } });
    expect(await person.bastion()).toMatchObject(noBastion);
    await changeTokens(person, run.api, { expiresAt: long.past });
    expect(await person.bastion()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^bastion: Your identity provider \S+ does not answer: .*\n$/),
    });
  });

  it.each([2, -2])('lasts on a machine whose clock is %d hours ahead', async (hours) => {
    const shift = `const now = Date.now.bind(Date); Date.now = () => now() + ${hours * 3_600_000};`;
    const env = { NODE_OPTIONS: `--import "data:text/javascript,${shift}"` };
    await using person = await makePerson({ program, url: run.api, env });
    expect(await loginAs('ann', person)).toMatchObject({ code: 0 });
    const before = await tokensOf(person);
    expect(await person.bastion()).toMatchObject(noBastion);
    expect((await tokensOf(person)).refreshToken).not.toBe(before.refreshToken);
  });

  it('in a file that others can read counts no more, until the next one', async ({ expect }) => {
    await using person = await ann();
    await chmod(tokensFile(person, run.api), 0o644);
    expect(await person.bastion()).toEqual(ended(String.raw`others can read \(mode 644\)`));
    expect(await loginAs('ann', person)).toMatchObject({ code: 0 });
    expect((await stat(tokensFile(person, run.api))).mode & 0o777).toBe(0o600);
    expect(await person.bastion()).toMatchObject(noBastion);
  });

  it.each(['', '{', '[]', '{"token":"a"}', '{"token":"a\\r\\nx-evil: 1"}'])(
    'in a file with %j in it is none',
    async (content) => {
      await using person = await makePerson({ program, url: run.api });
      await person.bastion('configure', '--url', run.api);
      await writeFile(tokensFile(person, run.api), content, { mode: 0o600 });
      expect(await person.bastion()).toEqual(ended('You are not signed in.'));
      expect(await person.bastion('logout')).toMatchObject({ code: 0 });
    },
  );

  it('with one issuer sends nothing to another that the deployment names later', async ({ expect }) => {
    await using person = await ann();
    const file = join(person.state, deploymentName(run.api), 'sign-in.json');
    const other = (await readFile(file, 'utf8')).replace(/"issuer": ".*?"/, '"issuer": "https://id.example.com"');
    await writeFile(file, other);
    expect(await person.bastion()).toEqual(ended('You are not signed in.'));
    expect(await person.bastion('logout')).toMatchObject({
      stdout: expect.stringContaining('another identity provider'),
    });
  });
});

describe.concurrent('logout', () => {
  it('ends the refresh token at the issuer', async ({ expect }) => {
    await using person = await ann();
    const { refreshToken } = await tokensOf(person);
    expect(await person.bastion('logout')).toEqual({
      code: 0,
      stdout: `Signed out of ${run.api}. The identity provider has ended the refresh token.\n`,
      stderr: '',
    });
    const { token_endpoint } = await endpointsOf(run.issuer ?? '');
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    await expect(exchange(token_endpoint, form)).rejects.toThrow(/invalid_grant/);
  });

  it.each([
    [
      'does not answer',
      { revocation: 'http://127.0.0.1:1/' },
      /has not ended it\. Your identity provider .* does not answer/,
    ],
    ['has no way to', {}, /has not ended it\. It has no way to end a refresh token\./],
  ])('forgets the tokens also where the issuer %s', async (_, endpoints, words) => {
    await using person = await ann();
    await changeTokens(person, run.api, { endpoints: { token: `${run.issuer}/token`, ...endpoints } });
    expect(await person.bastion('logout')).toMatchObject({ code: 0, stdout: expect.stringMatching(words) });
    expect(await person.bastion()).toEqual(ended('You are not signed in.'));
  });
});

describe.concurrent('login', () => {
  it('on another device shows a code, and goes on once the person has confirmed it', async ({ expect }) => {
    await using person = await makePerson({ program, url: run.api });
    const child = person.start('login', '--device');
    const lines = readLines(child.stderr);
    const outcome = outcomeOf(child);
    const [, code = ''] = /the code (\S+):$/.exec(await lines.find(/^Open this page/)) ?? [];
    const issuer = run.issuer ?? '';
    const browser = new Browser();
    const { html, url } = await browser.follow(issuer, await lines.find(/^http/));
    const [, xsrf = ''] = /name="xsrf" value="([^"]*)"/.exec(html) ?? [];
    const asked = await browser.follow(issuer, url, { xsrf, user_code: code, confirm: 'yes' });
    await browser.follow(issuer, asked.url, { person: 'olga' });
    expect(await outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('as olga@example.com, an admin') });
    expect(await person.bastion()).toMatchObject(noBastion);
  });

  it('at a deployment without an identity provider says so', async ({ expect }) => {
    await using api = await startScriptedApi({ status: 404, body: { message: 'Not Found' } });
    await using person = await makePerson({ program, url: api.url });
    expect(await person.bastion('login')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has no sign-in.'),
    });
  });

  it('goes to no page that is none of the web', async ({ expect }) => {
    const config = {
      signIn: 'oidc',
      issuer: 'http://id.example.com',
      clientId: 'x',
      scopes: [],
      token: 'id',
      endpoints: { authorization: 'file:///etc/passwd', token: 'http://id.example.com/token' },
    };
    await using api = await startScriptedApi({ status: 200, body: config });
    await using person = await makePerson({ program, url: api.url });
    expect(await person.bastion('login')).toMatchObject({ code: 1, stderr: expect.stringContaining('with https') });
  });
});

it('a person with two deployments is known to each in its own way', async () => {
  await using api = await startScriptedApi(
    { status: 404, body: { message: 'Not Found' } },
    { status: 200, body: {} },
    { status: 404, body: { ErrorMessage: 'You have no session.' } },
  );
  await using person = await makePerson({ program });
  expect(await person.bastion('configure', '--url', api.url)).toMatchObject({ code: 0 });
  expect(await person.bastion('configure', '--url', run.api)).toMatchObject({ code: 0 });
  expect(await loginAs('ann', person)).toMatchObject({ code: 0 });
  expect(JSON.parse((await person.bastion('doctor', '--json')).stdout)).toContainEqual({
    check: 'sign-in',
    status: 'ok',
    found: expect.stringContaining('ann@example.com'),
  });
  expect(await person.bastion('--url', api.url)).toMatchObject({ code: 3 });
  expect(api.requests).toEqual(['GET /web/config', 'GET /health', 'GET /?wait=0', 'GET /?wait=0']);
  const aws = await person.bastion('sweep', '--region', 'eu-west-1', '--profile', 'none');
  expect(aws).toMatchObject({ code: 1, stderr: expect.stringContaining('where "bastion login" does not count') });
  expect(await person.bastion('configure', '--url', run.api, '--aws')).toMatchObject({ code: 0 });
  expect(JSON.parse((await person.bastion('doctor', '--json')).stdout)).toContainEqual(
    expect.objectContaining({ check: 'credentials', status: 'ok' }),
  );
});
