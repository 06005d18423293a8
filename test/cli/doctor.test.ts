/** `bastion doctor` as a process, against an API whose replies are written down. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { listen } from '../../emulator/listen.ts';
import { freePort } from '../../local/fargate/addresses.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { makePerson, type PersonOptions } from './person.ts';
import { runningSession, type ScriptedReply, startScriptedApi } from './scripted-api.ts';

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let program: string;

beforeAll(async () => {
  folder = await makeTemporaryFolder('command');
  program = await buildCommand(folder.path);
});
afterAll(() => folder.remove());

const seen = { 'x-caller-address': '127.0.0.1' };
const healthy: ScriptedReply = { status: 200, body: {}, headers: seen };
const none: ScriptedReply = {
  status: 404,
  body: { ErrorMessage: 'No bastion is live for ann. POST to / starts one.' },
  headers: seen,
};

/** Runs the doctor. @returns its exit code, and the status of each check with what it found */
async function diagnose(options: PersonOptions) {
  await using person = await makePerson({ ...options, program });
  const { code, stdout } = await person.bastion('doctor', '--json');
  const findings: readonly { check: string; status: string; found: string }[] = JSON.parse(stdout);
  return {
    code,
    statuses: Object.fromEntries(findings.map(({ check, status }) => [check, status])),
    words: Object.fromEntries(findings.map(({ check, found }) => [check, found])),
  };
}

const allOk = {
  ssh: 'ok',
  key: 'ok',
  files: 'ok',
  ssh_config: 'ok',
  deployment: 'ok',
  API: 'ok',
  clock: 'ok',
  credentials: 'ok',
  address: 'ok',
  port: 'ok',
};

describe.concurrent('doctor', () => {
  it('finds nothing with a live bastion, and ends with 0', async ({ expect }) => {
    const sshd = createTcpServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n'));
    await new Promise<void>((resolve) => sshd.listen(0, '127.0.0.1', resolve));
    const address = sshd.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await using api = await startScriptedApi(healthy, { status: 200, body: runningSession({ port }), headers: seen });
    expect(await diagnose({ url: api.url })).toMatchObject({
      code: 0,
      statuses: allOk,
      words: { credentials: 'The API takes you for ann.' },
    });
    sshd.close();
  });

  it('prints a line for each check, starts nothing, and names the user that the API sees', async ({ expect }) => {
    await using api = await startScriptedApi(healthy, none);
    await using person = await makePerson({ url: api.url, program });
    const { code, stdout, stderr } = await person.bastion('doctor');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^ok {7}ssh {10}OpenSSH \d+\.\d+\.$/),
      expect.stringMatching(/^ok {7}key {10}You have none\./),
      expect.stringMatching(/^ok {7}files {8}.*\.local\/state\/bastion and .*\.config\/bastion can be written\.$/),
      expect.stringMatching(/^ok {7}ssh_config {3}Nothing/),
      expect.stringMatching(/^ok {7}deployment {3}http:\/\/127\.0\.0\.1:\d+, set in the environment\.$/),
      expect.stringMatching(/^ok {7}API {10}It answers\.$/),
      expect.stringMatching(/^ok {7}clock {8}It agrees/),
      expect.stringMatching(/^ok {7}credentials {2}The API says: No bastion is live for ann\.$/),
      expect.stringMatching(/^ok {7}address {6}The API sees 127\.0\.0\.1,/),
      expect.stringMatching(/^warning {2}port {9}It was not tried, because no bastion runs\./),
    ]);
    expect(api.requests).toEqual(['GET /health', 'GET /?wait=0']);
  });

  it('finds a clock that is wrong and credentials that have expired, and ends with 1', async ({ expect }) => {
    const date = new Date(Date.now() - 600_000).toUTCString();
    const expired = { status: 403, body: { message: 'The security token included in the request is expired' } };
    await using api = await startScriptedApi({ ...healthy, headers: { ...seen, date } }, expired);
    const { code, statuses, words } = await diagnose({ url: api.url, env: { AWS_PROFILE: 'work' } });
    expect({ code, statuses }).toEqual({
      code: 1,
      statuses: {
        ...Object.fromEntries(Object.entries(allOk).filter(([check]) => !['address', 'port'].includes(check))),
        clock: 'fault',
        credentials: 'fault',
      },
    });
    expect(words.clock).toContain(`AWS's says ${date}.`);
    expect(words.credentials).toContain('"aws sso login --profile work"');
  });

  it('finds that there is no deployment, or that its API is away, and checks the rest all the same', async ({
    expect,
  }) => {
    const without = await diagnose({});
    expect(without).toMatchObject({
      code: 1,
      statuses: { ssh: 'ok', key: 'ok', ssh_config: 'ok', deployment: 'fault' },
    });
    const away = await diagnose({ url: `http://127.0.0.1:${await freePort()}` });
    expect(away).toMatchObject({ code: 1, statuses: { ssh: 'ok', deployment: 'ok', API: 'fault' } });
    expect(away.words.API).toMatch(/^It does not answer: .*ECONNREFUSED.* "npm start"/);
  });

  it('finds that files of settings are broken, and checks the rest by the others all the same', async ({ expect }) => {
    await using api = await startScriptedApi(healthy, none);
    await using person = await makePerson({ program });
    await writeFile(join(person.home, 'bastion.json'), '{');
    const own = join(person.home, '.config/bastion/config.json');
    await mkdir(dirname(own), { recursive: true });
    await writeFile(own, JSON.stringify({ url: api.url }));
    const { code, stdout, stderr } = await person.bastion('doctor');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^ok +ssh +OpenSSH/);
    expect(stdout).toMatch(/^fault +settings +.*bastion\.json: got no JSON .* Correct or remove it\.$/m);
    expect(stdout).toMatch(/^ok +deployment .* set in .*config\.json\.$/m);
    expect(stdout).toMatch(/^ok +API +It answers\.$/m);
    await rm(own);
    await mkdir(own);
    const { stdout: both } = await person.bastion('doctor');
    expect(both).toMatch(/^fault +settings +.*config\.json cannot be used \(EISDIR.*\)\. Remove or rename the folder/m);
    expect(both).toMatch(/^fault +deployment +No deployment is set\./m);
  });

  it('finds that the folder of its files is none, and checks the rest all the same', async ({ expect }) => {
    await using api = await startScriptedApi(healthy, none);
    const { code, statuses, words } = await diagnose({ url: api.url, env: { XDG_STATE_HOME: '/dev/null' } });
    expect({ code, files: statuses.files, credentials: statuses.credentials }).toEqual({
      code: 1,
      files: 'fault',
      credentials: 'ok',
    });
    expect(words.files).toMatch(/^\/dev\/null cannot be used \(ENOTDIR.*\)\. Remove or rename the file/);
  });

  it('finds that a proxy shows the API another address than the one of ssh', async ({ expect }) => {
    const server = createServer((incoming, response) => {
      const headers = { 'x-caller-address': incoming.socket.remoteAddress ?? '' };
      const { status, body } = incoming.url === '/health' ? healthy : none;
      response.writeHead(status, headers).end(JSON.stringify(body));
    });
    // A proxy that leaves by an address of its own.
    const proxy = createServer((incoming, response) => {
      const { method = '', url = '', headers } = incoming;
      request(url, { method, headers, localAddress: '127.0.0.9' }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      }).end();
    });
    proxy.on('connect', (incoming, socket) => {
      const { hostname, port } = new URL(`http://${incoming.url}`);
      const target = connect({ host: hostname, port: Number(port), localAddress: '127.0.0.9' }, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
    });
    const [api, way] = await Promise.all([
      listen(server, { port: 0, title: 'the API', portVariable: 'PORT' }),
      listen(proxy, { port: 0, title: 'the proxy', portVariable: 'PORT' }),
    ]);
    const env = { HTTPS_PROXY: way.url, HTTP_PROXY: way.url };
    const { code, statuses, words } = await diagnose({ url: api.url, env });
    expect({ code, address: statuses.address }).toEqual({ code: 1, address: 'fault' });
    expect(words.address).toMatch(/^The API sees 127\.0\.0\.9 and lets that in, but ssh comes from 127\.0\.0\.1\./);
    await Promise.all([api.close(), way.close()]);
  });
});
