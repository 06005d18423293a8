/** Jobs of a CI service use the command with tokens of that service, against the local run with an issuer for them. */
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListeningServer, listen } from '../../emulator/listen.ts';
import { serveIssuer } from '../../local/issuer/issuer.ts';
import { asJwk, type Claims, makeTokenKey, signed } from '../support/forged.ts';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { makePerson } from './person.ts';
import { startScriptedApi } from './scripted-api.ts';

const key = makeTokenKey();
const ciAudience = 'bastions-ci';

let issuer: ListeningServer;
let run: RecordedRun;
let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let program: string;

beforeAll(async () => {
  folder = await makeTemporaryFolder('jobs');
  issuer = await serveIssuer({ port: 0, isPage: () => false, signingKey: asJwk(key) });
  const settings = { ciIssuer: issuer.url, ciAudience, ciRepositories: 'example/*,example/*/*' };
  [program, run] = await Promise.all([buildCommand(folder.path), startRecordedRun(settings)]);
});
afterAll(async () => {
  await run.stop();
  await issuer.close();
  await folder.remove();
});

/** The token of a job. @param changes of its claims */
function tokenFor(environment: string, audience: string, changes: Claims = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { repository: 'example/shop', environment, sub: `repo:example/shop:environment:${environment}` };
  return signed({ iss: issuer.url, aud: audience, iat: now, exp: now + 300, ...claims, ...changes }, key);
}

/** GitHub's service, which gives a job tokens for the audience that it asks for. */
async function startTokenService(environment: string, tokens: readonly Claims[] = [{}]) {
  let given = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const isJob =
      request.headers.authorization === 'Bearer request-secret' && url.searchParams.get('api-version') === '2';
    const changes = tokens[Math.min(given, tokens.length - 1)];
    given += 1;
    const value = tokenFor(environment, url.searchParams.get('audience') ?? '', changes);
    response.writeHead(isJob ? 200 : 401).end(JSON.stringify({ value }));
  });
  const { url, close } = await listen(server, { port: 0, title: 'the token service' });
  const env = {
    CI: 'true',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-secret',
  };
  return { env, given: () => given, [Symbol.asyncDispose]: close };
}

const jobWith = (env: Readonly<Record<string, string>>, url = run.api) => makePerson({ program, url, env });

describe.concurrent('a job', () => {
  it('of GitHub starts a bastion, enters it and removes it, with no secret of its own', async ({ expect }) => {
    await using service = await startTokenService('production');
    await using job = await jobWith(service.env);
    expect(await job.bastion('ssh', '--', 'echo', 'inside')).toEqual({ code: 0, stdout: 'inside\n', stderr: '' });
    const { stdout, stderr } = await job.bastion('status', '--json', '--verbose');
    expect(JSON.parse(stdout)).toMatchObject({
      user: 'example=shop=production',
      startedBy: `${issuer.url}#repo:example/shop:environment:production`,
    });
    expect(stdout + stderr + run.output()).not.toMatch(/request-secret|eyJ/);
    expect(await job.bastion('down')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('example=shop=production'),
    });
  });

  it('of GitLab takes its token from BASTION_ID_TOKEN', async ({ expect }) => {
    const claims = { repository: undefined, project_path: 'example/team/shop' };
    await using job = await jobWith({ CI: 'true', BASTION_ID_TOKEN: tokenFor('staging', ciAudience, claims) });
    expect(await job.bastion('up')).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse((await job.bastion('--json')).stdout)).toMatchObject({ user: 'example=team=shop=staging' });
    expect(await job.bastion('down')).toMatchObject({ code: 0 });
  });

  it('gets another token when the first one is too old', async ({ expect }) => {
    await using service = await startTokenService('old', [{ exp: 1 }, {}]);
    await using job = await jobWith(service.env);
    expect(await job.bastion()).toMatchObject({ code: 3 });
    expect(service.given()).toBe(2);
  });

  it.each<[string, Readonly<Record<string, string>>, number, RegExp]>([
    ['whose token is for another audience', { BASTION_ID_TOKEN: 'other' }, 4, /for the audience bastions-ci/],
    [
      'whose variable holds no token',
      { BASTION_ID_TOKEN: 'no token' },
      2,
      /^bastion: BASTION_ID_TOKEN: got a text of 8/,
    ],
    [
      'whose token service is no https URL',
      { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://example.com', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' },
      2,
      /expected a URL with https/,
    ],
    [
      'whose token service is out of reach',
      { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:1', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' },
      1,
      /does not answer/,
    ],
  ])('%s gets a sentence', async (_, env, code, words) => {
    const token = env.BASTION_ID_TOKEN === 'other' ? { BASTION_ID_TOKEN: tokenFor('production', 'other') } : {};
    await using job = await jobWith({ ...env, ...token });
    const outcome = await job.bastion('up');
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toMatch(words);
    expect(outcome.stderr.split('\n')).toHaveLength(2);
  });

  it('without the permission to get tokens is told which it needs', async ({ expect }) => {
    await using service = await startTokenService('production');
    await using job = await jobWith({ ...service.env, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'wrong' });
    expect(await job.bastion('up')).toMatchObject({ code: 1, stderr: expect.stringContaining('id-token: write') });
  });

  it('acts for itself alone, and has no history', async ({ expect }) => {
    await using job = await jobWith({ BASTION_ID_TOKEN: tokenFor('alone', ciAudience) });
    expect(await job.bastion('--user', 'ann')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('for itself alone'),
    });
    expect(await job.bastion('ls')).toMatchObject({ code: 2, stderr: expect.stringContaining('no history') });
    expect(await job.bastion('down', '--all', '--yes')).toMatchObject({ code: 2 });
  });

  it('at a deployment that takes no tokens of jobs uses AWS credentials as before', async ({ expect }) => {
    await using service = await startTokenService('production');
    await using api = await startScriptedApi(
      { status: 404, body: { message: 'Not Found' } },
      { status: 404, body: { ErrorMessage: 'You have no session.' } },
    );
    await using job = await jobWith(service.env, api.url);
    expect(await job.bastion()).toMatchObject({ code: 3 });
    expect(api.requests).toEqual(['GET /web/config', 'GET /?wait=0']);
    expect(service.given()).toBe(0);
  });
});
