import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../local/addresses.ts';
import type { RunningContainer } from '../../local/aws/container-host.ts';
import { LocalContainers } from '../../local/containers.ts';
import { exitOf, type KeyPair, lineOf, makeKeyPair, run, type SshTarget, ssh, startSsh } from '../support/ssh.ts';

const image = 'example.dkr.ecr.eu-west-1.amazonaws.com/ssh:1';
const folder = join(import.meta.dirname, '../../agent-image/ssh');
const isLinux = process.platform === 'linux';

let directory: string;
let stateDirectory: string;
let key: KeyPair;
let containers: LocalContainers;
let admitted: Set<string>;
let asked: { port: number; sourceIp: string }[];
let lines: string[];

function makeContainers(addresses?: 'own' | 'shared'): LocalContainers {
  return new LocalContainers({
    images: { [image]: folder },
    stateDirectory,
    log: (taskId, container, line) => lines.push(`${taskId} ${container} ${line}`),
    ...(addresses === undefined ? {} : { addresses }),
  });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'containers-test-'));
  stateDirectory = join(directory, 'state');
  key = await makeKeyPair(directory, 'key');
  admitted = new Set(['127.0.0.1']);
  asked = [];
  lines = [];
  containers = makeContainers();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await containers.close();
  await rm(directory, { recursive: true });
});

const attach = (taskId: string) =>
  containers.attach({
    taskId,
    admits: (connection) => {
      asked.push(connection);
      return admitted.has(connection.sourceIp);
    },
  });

interface RunningTask {
  readonly agent: RunningContainer;
  readonly target: SshTarget;
}

/** Both containers of a task, as the stack defines them, up to the moment sshd greets. */
async function startTask(taskId: string, port = 2222): Promise<RunningTask> {
  const { publicIp } = await attach(taskId);
  const environment = {
    AUTHORIZED_KEY: key.publicKey,
    LATEST_END: `${Math.floor(Date.now() / 1000) + 3600}`,
    SSH_PORT: `${port}`,
  };
  const [agent, ready] = await Promise.all([
    containers.start({ taskId, image, name: 'ssh', environment }),
    containers.start({ taskId, image, name: 'ready', entryPoint: ['/agent/ready.sh'], environment }),
  ]);
  expect(await ready.exited).toBe(0);
  return { agent, target: { host: publicIp, port, identity: key.privateKey } };
}

/** The processes whose command line names something of ours: sshd's holds its task's private directory. */
async function ourProcesses(): Promise<{ pid: number; parent: number }[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat=,args=']);
  return stdout
    .split('\n')
    .filter((line) => line.includes(stateDirectory))
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}

async function isRunning(pid: string): Promise<boolean> {
  const { stdout } = await run('ps', ['-o', 'stat=', '-p', pid]);
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

const connectionError = async (host: string, port: number): Promise<unknown> => {
  const [error] = await once(connect(port, host), 'error').catch((cause: unknown) => [cause]);
  return error;
};

describe('a task', () => {
  test('is reached at its public address, and its log says by whom', async () => {
    const { target } = await startTask('one');
    expect((await ssh(target, 'echo in')).stdout).toBe('in\n');
    expect(asked).toEqual([{ port: 2222, sourceIp: '127.0.0.1' }]);
    expect(lines).toContainEqual(expect.stringMatching(/^one ssh Accepted publickey for \S+ from 127\.0\.0\.1 port/));
  });

  test.runIf(isLinux)('has an address of its own, and a freed address comes up after the others', async () => {
    const addresses: string[] = [];
    for (const taskId of ['one', 'two']) addresses.push((await attach(taskId)).publicIp);
    await containers.detach('one');
    addresses.push((await attach('three')).publicIp);
    for (const address of addresses) expect(address).toMatch(/^127\.77\.\d+\.\d+$/);
    expect(new Set(addresses).size).toBe(3);
  });

  test.runIf(isLinux)('lets in the admitted address and no other', async () => {
    const { target } = await startTask('one');
    const fromElsewhere = { ...target, options: ['-b', '127.0.0.9'] };
    expect((await ssh(fromElsewhere, 'true')).code).toBe(255);
    admitted.add('127.0.0.9');
    expect((await ssh(fromElsewhere, 'true')).code).toBe(0);
    expect(asked.map(({ sourceIp }) => sourceIp)).toEqual(['127.0.0.9', '127.0.0.9']);
    expect(lines).toContainEqual(expect.stringMatching(/^one ssh Accepted publickey for \S+ from 127\.0\.0\.9 port/));
  });

  test('keeps a connection whose rule goes away, and takes no new one', async () => {
    const { target } = await startTask('one');
    const session = startSsh(target, 'echo up; exec cat');
    await lineOf(session.stdout, /^up$/);
    admitted.clear();
    expect((await ssh(target, 'true')).code).toBe(255);
    session.stdin.end('still here\n');
    expect(await exitOf(session)).toBe(0);
  });

  test('gets no more of our environment than PATH', async () => {
    vi.stubEnv('SECRET_OF_THE_DEVELOPER', 'x');
    await attach('one');
    const container = await containers.start({
      taskId: 'one',
      image,
      name: 'env',
      entryPoint: ['/usr/bin/env'],
      environment: { A: 'b' },
    });
    await container.exited;
    await expect
      .poll(() => lines.map((line) => line.replace(/=.*/, '')).sort())
      .toEqual(['one env A', 'one env PATH', 'one env RUN_DIR']);
  });

  test('whose variables are bad ends as its agent says', async () => {
    await attach('one');
    const container = await containers.start({ taskId: 'one', image, name: 'ssh', environment: { SSH_PORT: 'none' } });
    expect(await container.exited).toBe(64);
    await expect.poll(() => lines).toEqual([expect.stringMatching(/^one ssh bastion: AUTHORIZED_KEY: got/)]);
  });
});

describe('the end of a task', () => {
  test('by SIGTERM and detach leaves no process, listener or file', async () => {
    const { agent, target } = await startTask('one');
    const session = startSsh(target, 'echo $$; exec sleep 1000');
    const sleeper = await lineOf(session.stdout, /^\d+$/);
    agent.kill('SIGTERM');
    expect(await agent.exited).toBe(0);
    await containers.detach('one');
    expect(await exitOf(session)).toBe(255);
    expect(await isRunning(sleeper)).toBe(false);
    expect(await ourProcesses()).toEqual([]);
    expect(await readdir(stateDirectory)).toEqual([]);
    expect(await connectionError(target.host, target.port)).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('by SIGKILL takes everything it started along', async () => {
    const { agent, target } = await startTask('one');
    const session = startSsh(target, 'echo $$; exec sleep 1000');
    const sleeper = await lineOf(session.stdout, /^\d+$/);
    agent.kill('SIGKILL');
    expect(await agent.exited).toBe(137);
    expect(await isRunning(sleeper)).toBe(false);
    expect(await ourProcesses()).toEqual([]);
    expect(await exitOf(session)).toBe(255);
  });

  test('from outside, by the death of its first process, does so too', async () => {
    const { agent } = await startTask('one');
    const [sshd] = await ourProcesses();
    if (sshd === undefined) throw new Error('Found no sshd, expected that of the task.');
    process.kill(sshd.parent, 'SIGKILL');
    expect(await agent.exited).toBe(137);
    expect(await ourProcesses()).toEqual([]);
  });

  test.runIf(isLinux)('finds what a person left running after their connection', async () => {
    const { agent, target } = await startTask('one');
    const { stdout } = await ssh(target, 'setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $!');
    const sleeper = stdout.trim();
    expect(await isRunning(sleeper)).toBe(true);
    agent.kill('SIGTERM');
    await agent.exited;
    await containers.detach('one');
    await expect.poll(() => isRunning(sleeper)).toBe(false);
  });

  test('by detach closes the connections, even when the agent would go on', async () => {
    const { target } = await startTask('one');
    const session = startSsh(target, 'echo up; exec cat');
    await lineOf(session.stdout, /^up$/);
    await containers.detach('one');
    expect(await exitOf(session)).toBe(255);
    expect(await connectionError(target.host, target.port)).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('close() ends running tasks and their connections', async () => {
    const { target } = await startTask('one');
    const session = startSsh(target, 'echo up; exec cat');
    await lineOf(session.stdout, /^up$/);
    await containers.close();
    expect(await exitOf(session)).toBe(255);
    expect(await ourProcesses()).toEqual([]);
    expect(await readdir(stateDirectory)).toEqual([]);
  });

  test('comes with the death of the program that runs the containers, even by SIGKILL', async () => {
    const program = `
      import { LocalContainers } from ${JSON.stringify(join(import.meta.dirname, '../../local/containers.ts'))};
      const [image, folder, stateDirectory, publicKey] = process.argv.slice(1);
      const containers = new LocalContainers({ images: { [image]: folder }, stateDirectory, log: (...line) => console.log(...line) });
      await containers.attach({ taskId: 'one', admits: () => true });
      const environment = { AUTHORIZED_KEY: publicKey, LATEST_END: String(Math.floor(Date.now() / 1000) + 3600), SSH_PORT: '2222' };
      await containers.start({ taskId: 'one', image, name: 'ssh', environment });`;
    const args = ['--input-type=module', '-e', program, image, folder, stateDirectory, key.publicKey];
    const host = spawn(process.execPath, args);
    await lineOf(host.stdout, /Server listening/);
    expect(await ourProcesses()).not.toEqual([]);
    host.kill('SIGKILL');
    await expect.poll(ourProcesses, { timeout: 10_000 }).toEqual([]);
  });
});

describe('what cannot be', () => {
  test('an unknown image', async () => {
    await attach('one');
    const start = containers.start({ taskId: 'one', image: 'other:1', name: 'ssh', environment: {} });
    await expect(start).rejects.toThrow(`No folder runs image other:1; known images: ${image}.`);
  });

  test('a file the agent does not have', async () => {
    await attach('one');
    const start = containers.start({
      taskId: 'one',
      image,
      name: 'ssh',
      entryPoint: ['/agent/none.sh'],
      environment: {},
    });
    await expect(start).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a task that is not attached', async () => {
    const start = containers.start({ taskId: 'none', image, name: 'ssh', environment: {} });
    await expect(start).rejects.toThrow('Task none has no network');
  });
});

describe('with one address for all tasks', () => {
  beforeEach(() => {
    containers = makeContainers('shared');
  });

  test('each task is reached at its own port', async () => {
    const one = await startTask('one', await freePort());
    const two = await startTask('two', await freePort());
    expect([one.target.host, two.target.host]).toEqual(['127.0.0.1', '127.0.0.1']);
    expect(await Promise.all([one, two].map(({ target }) => ssh(target, 'echo in')))).toEqual([
      { code: 0, stdout: 'in\n', stderr: '' },
      { code: 0, stdout: 'in\n', stderr: '' },
    ]);
    admitted.clear();
    expect((await ssh(one.target, 'true')).code).toBe(255);
  });

  test('a port that is taken is a clear error', async () => {
    const { target } = await startTask('one', await freePort());
    await attach('two');
    const start = containers.start({ taskId: 'two', image, name: 'ssh', environment: { SSH_PORT: `${target.port}` } });
    await expect(start).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${target.port}, where the task is to be reached; is it taken?`,
    );
  });
});
