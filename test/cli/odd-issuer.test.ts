/** The command with an identity provider that is in trouble, or says something strange. */
import { createServer, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListeningServer, listen } from '../../emulator/listen.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { makePerson } from './person.ts';
import { startScriptedApi } from './scripted-api.ts';

type Answer = (response: ServerResponse) => void;

const json =
  (body: object, status = 200): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const html =
  (status: number): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');

const cut: Answer = (response) => response.destroy();

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let program: string;

beforeAll(async () => {
  folder = await makeTemporaryFolder('odd-issuer');
  program = await buildCommand(folder.path);
});
afterAll(() => folder.remove());

interface Script {
  readonly discovery?: Answer;
  readonly userCode?: string;
  /** The answers of the token endpoint, one after the other, the last one for ever. */
  readonly tokens?: readonly Answer[];
}

/** Runs the command at a deployment with such an identity provider. */
async function bastionAt({ discovery, userCode = 'AB-CD', tokens = [] }: Script, ...args: readonly string[]) {
  let asked = 0;
  let server: ListeningServer | undefined;
  const http = createServer((request, response) => {
    const issuer = server?.url ?? '';
    const document = {
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      device_authorization_endpoint: `${issuer}/device`,
    };
    const device = {
      device_code: 'd',
      user_code: userCode,
      verification_uri: `${issuer}/d`,
      expires_in: 60,
      interval: 1,
    };
    if (request.url === '/device') return json(device)(response);
    if (request.url !== '/token') return (discovery ?? json(document))(response);
    const answer = tokens[Math.min(asked, tokens.length - 1)] ?? cut;
    asked += 1;
    answer(response);
  });
  server = await listen(http, { port: 0, title: 'the issuer', portVariable: 'PORT' });
  try {
    const endpoints = { authorization: `${server.url}/auth`, token: `${server.url}/token` };
    const config = { signIn: 'oidc', issuer: server.url, clientId: 'x', scopes: ['openid'], token: 'id', endpoints };
    await using api = await startScriptedApi({ status: 200, body: config });
    await using person = await makePerson({ program, url: api.url });
    return await person.bastion(...args);
  } finally {
    await server.close();
  }
}

const denied = json({ error: 'access_denied' }, 400);

describe.concurrent('an identity provider', () => {
  it.each<[string, Answer, RegExp]>([
    [
      'answers with a page',
      html(200),
      /does not answer as an identity provider does: .* Try again in a minute, or tell the operator\.$/,
    ],
    ['has an error', html(502), /does not answer as an identity provider does: /],
    ['calls itself otherwise', json({ issuer: 'https://evil.test' }), /did not pass the checks: .*"issuer"/],
    ['cuts the connection', cut, /does not answer: /],
  ])('that %s is told in one line', async (_, discovery, sentence) => {
    const { code, stderr } = await bastionAt({ discovery }, 'login');
    expect({ code, lines: stderr.trim().split('\n') }).toEqual({
      code: 1,
      lines: [expect.stringMatching(sentence)],
    });
  });

  it('that is lost once while it is asked again does not end a sign-in on another device', async () => {
    const { code, stderr } = await bastionAt({ tokens: [cut, denied] }, 'login', '--device');
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('The sign-in was cancelled') });
  }, 30_000);

  it('writes no lines of its own into the terminal', async () => {
    const description = 'no\u001b[31m\r\nbastion: Signed in.';
    const tokens = [json({ error: 'invalid_request', error_description: description }, 400)];
    const { stderr } = await bastionAt({ userCode: 'AB\r\nCD\u001b[2J', tokens }, 'login', '--device');
    expect(stderr).not.toContain('\u001b');
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^Open this page on any device, and confirm the code AB CD.*:$/),
      expect.stringMatching(/^http:/),
      expect.stringMatching(/^bastion: Your identity provider refused: no.* bastion: Signed in\.$/),
    ]);
  });

  it('to which no browser comes is waited for as long as the person has said', async () => {
    const { code, stderr } = await bastionAt({}, 'login', '--timeout', '1');
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringContaining('The sign-in took longer than 1 s. Run "bastion login" again.'),
    });
  });
});
