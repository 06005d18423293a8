/** The local run itself: its terminal, its end, and the bastions that time ends. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { heldByDocker } from '../support/containers.ts';
import { type ChildRun, runToItsEnd, startLocalRun } from '../support/local-run.ts';
import { exitOf, type KeyPair, lineOf, makeKeyPair, run, ssh } from '../support/ssh.ts';
import { User, untilGone } from '../support/user.ts';

const root = join(import.meta.dirname, '../..');
const anyPorts = { ...process.env, PORT: '0', AWS_PORT: '0' };

let home: string;
let key: KeyPair;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'e2e-'));
  await mkdir(join(home, '.ssh'));
  key = await makeKeyPair(join(home, '.ssh'), 'id_ed25519');
});

afterAll(() => rm(home, { recursive: true }));

async function during(local: Promise<ChildRun>, act: (local: ChildRun) => Promise<void>): Promise<void> {
  const started = await local;
  try {
    await act(started);
  } finally {
    await started.stop();
  }
}

const inBash = (command: string) => run('bash', ['-c', command], { HOME: home, PATH: process.env.PATH });

/** Both wait at the same time. Even a slow machine enters a bastion before its end. */
describe.concurrent('a brief bastion', () => {
  it('is removed by the schedule of the stack after its time', { timeout: 300_000 }, async ({ expect }) => {
    await during(startLocalRun({ defaultTtl: '40s' }), async (local) => {
      const { sessionId, target } = await new User(local, 'brief', key).start();
      expect(await ssh(target, 'true')).toMatchObject({ code: 0 });
      expect(await untilGone(local, sessionId, 150_000)).toMatchObject({ reason: 'expired' });
    });
  });

  it('ends by itself at the latest end, with no need of the schedule', async ({ expect }) => {
    const settings = { defaultTtl: '20s', maxTtl: '20s', maxLifetime: '20s' };
    await during(startLocalRun(settings), async (local) => {
      const { sessionId } = await new User(local, 'briefest', key).start();
      expect(await untilGone(local, sessionId, 50_000)).toMatchObject({ reason: 'expired' });
    });
  });
});

describe('the terminal', () => {
  it('shows the steps, commands that work as they stand, and a short log', async () => {
    await during(startLocalRun(), async (local) => {
      const output = local.output();
      expect(output).toMatch(/^starting the emulated AWS \.\.\. \d+\.\d s\nsynthesizing the stack \.\.\. \d+\.\d s\n/);
      const labels = [...output.matchAll(/^([a-z]+) {2,}\S|^(webhooks|ready) \S/gim)].map(
        ([, label, long]) => label ?? long,
      );
      const expected = ['API', 'command', 'AWS', 'page', 'start', 'keys', 'ssh', 'look', 'stop', 'webhooks', 'ready'];
      expect(labels.filter((label) => label !== 'key')).toEqual(expected);
      const shown = async (label: string) => {
        const command = (await local.line(new RegExp(`^${label} `))).slice('webhooks '.length);
        return (await inBash(command.replace(/^curl/, 'curl -sS').replace(/ {4,}\(.*\)$/, ''))).stdout;
      };
      const host = await shown('start');
      const ready = await local.line(/bastion ready: ssh/);
      expect(ready).toMatch(new RegExp(`: ssh -p 2222 .* -o StrictHostKeyChecking=yes \\S+@${host.trim()}$`));
      expect(await shown('look')).toBe(host);
      await shown('keys');
      // ssh takes ~ for the home of the user in the password database, whatever HOME says.
      const options = `ssh -F none -i ${key.privateKey} -o BatchMode=yes `;
      const command = ready.replace(/^.*: ssh /, options).replace('~/', `${home}/`);
      expect(await inBash(`${command} echo inside`)).toMatchObject({ stdout: 'inside\n', stderr: '' });
      await shown('stop');
      await local.line(/session removed/);
      expect(JSON.parse(await shown('webhooks'))).toEqual({ containerId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
      expect(local.output()).not.toMatch(/arn:aws|SHA256|authorized_keys|rdomain|kex_exchange/);
    });
  });
});

describe('the end', () => {
  it('by Ctrl-C takes along everything it started', async () => {
    const local = await startLocalRun();
    const { target } = await new User(local, 'arjen', key).start();
    expect(await local.stop()).toBe(0);
    expect(await ssh(target, 'true')).toMatchObject({ code: 255 });
    expect((await run('pgrep', ['-f', `ListenAddress=${target.host.replace('127.77.', '127.78.')}:`])).stdout).toBe('');
    if (inject('containers') === 'docker') expect(await heldByDocker(local.pid)).toEqual([]);
  });

  it('by Ctrl-C during the start is quiet and leaves no folder', async () => {
    const child = spawn(process.execPath, [join(root, 'local/main.ts')], { env: anyPorts });
    const errors = text(child.stderr);
    await lineOf(child.stdout, /^starting the emulated AWS/);
    child.kill('SIGINT');
    expect(await exitOf(child)).toBe(0);
    expect(await errors).toBe('');
    const names = await readdir(join(root, '.local'));
    expect(names.filter((name) => name.includes(`-${child.pid}-`))).toEqual([]);
  });

  it('of npm ends what npm has started', async () => {
    const npm = spawn('npm', ['start'], { cwd: root, env: anyPorts });
    const api = (await lineOf(npm.stdout, /^API /)).split(/\s+/)[1] ?? '';
    expect((await fetch(`${api}/health`)).status).toBe(200);
    npm.kill('SIGTERM');
    await exitOf(npm);
    await expect.poll(() => fetch(api).catch(() => 'ended'), { timeout: 30_000 }).toBe('ended');
  });
});

it('--help prints the options, the variables and the settings', async () => {
  const { code, stdout, stderr } = await runToItsEnd(['--help'], {});
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/--verbose .*AWS_PORT .*defaultTtl .*\(default: 1h\)/s);
});

describe('a local run that can not start', () => {
  it('says which port is taken and how to choose another', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, stderr } = await runToItsEnd([], { PORT: port, AWS_PORT: '0' });
    server.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`^Port ${port} .* PORT=\\d+\\.\n$`)),
    });
  });

  it.each([
    [['-c', 'maxSessions=many'], {}, /setting maxSessions: got "many", expected a whole number/],
    [['--loud'], {}, /^Unknown option '--loud'\. npm start -- --help lists the options\.\n$/],
    [[], { PORT: '7000', AWS_PORT: '7000' }, /^PORT and AWS_PORT: got 7000 for both/],
    [['-c', 'maxSessions'], {}, /-c: got "maxSessions", expected <setting>=<value>/],
    [[], { PORT: 'http' }, /PORT: got "http", expected a port/],
  ])('with %j %j says what is wrong', async (args, env, message) => {
    const { code, stderr } = await runToItsEnd(args, { PORT: '0', AWS_PORT: '0', ...env });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });
});
