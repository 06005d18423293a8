import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../local/fargate/addresses.ts';
import { searchPath } from '../../local/machine.ts';
import { sessionId } from '../support/agent-task.ts';
import { image, type LocalTasks, makeLocalTasks } from '../support/local-tasks.ts';
import { exitOf, lineOf, ssh, startSsh } from '../support/ssh.ts';

/** A limit that no machine is too slow for. */
const soon = { timeout: 30_000 };
const isLinux = process.platform === 'linux';

let tasks: LocalTasks;

beforeEach(async () => {
  tasks = await makeLocalTasks();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await tasks.close();
});

describe('a task', () => {
  test('is reached at its public address, and its log names the client', async () => {
    const { target } = await tasks.start('one');
    expect((await ssh(target, 'echo in')).stdout).toBe('in\n');
    expect(tasks.asked).toEqual([{ port: 2222, sourceIp: '127.0.0.1' }]);
    expect(tasks.lines).toContainEqual(
      expect.stringMatching(/^one ssh \[\S+\] Accepted publickey for \S+ from 127\.0\.0\.1 port/),
    );
  });

  test.runIf(isLinux)('has an address of its own, and a freed address comes up after the others', async () => {
    const addresses: string[] = [];
    for (const taskId of ['one', 'two']) addresses.push((await tasks.attach(taskId)).publicIp);
    await tasks.containers.detach('one');
    addresses.push((await tasks.attach('three')).publicIp);
    for (const address of addresses) expect(address).toMatch(/^127\.77\.\d+\.\d+$/);
    expect(new Set(addresses).size).toBe(3);
  });

  test.runIf(isLinux)('accepts connections from the allowed address and no other', async () => {
    const { target } = await tasks.start('one');
    const fromElsewhere = { ...target, options: ['-b', '127.0.0.9'] };
    expect((await ssh(fromElsewhere, 'true')).code).toBe(255);
    expect(tasks.lines).toContain('one firewall connection from 127.0.0.9 refused: no rule allows it');
    tasks.admitted.add('127.0.0.9');
    expect((await ssh(fromElsewhere, 'true')).code).toBe(0);
    expect(tasks.asked.map(({ sourceIp }) => sourceIp)).toEqual(['127.0.0.9', '127.0.0.9']);
    expect(tasks.lines).toContainEqual(
      expect.stringMatching(/^one ssh \[\S+\] Accepted publickey for \S+ from 127\.0\.0\.9 port/),
    );
  });

  test('keeps a connection when its rule is removed, and accepts no new one', async () => {
    const { target } = await tasks.start('one');
    const session = startSsh(target, 'echo up; exec cat');
    await lineOf(session.stdout, /^up$/);
    tasks.admitted.clear();
    expect((await ssh(target, 'true')).code).toBe(255);
    session.stdin.end('still here\n');
    expect(await exitOf(session)).toBe(0);
  });

  const printEnvironment = async (environment: Record<string, string>) => {
    await tasks.attach('one');
    const container = { taskId: 'one', image, name: 'env', entryPoint: ['/usr/bin/env'], environment };
    await (await tasks.containers.start(container)).exited;
  };

  test('gets no more of our environment than PATH', async () => {
    vi.stubEnv('SECRET_OF_THE_DEVELOPER', 'x');
    await printEnvironment({ SESSION_ID: sessionId });
    await expect
      .poll(() => tasks.lines.map((line) => line.replace(/=.*/, '')).sort(), soon)
      .toEqual(['one env PATH', 'one env RUN_DIR', 'one env SESSION_ID']);
  });

  test("finds the stand-ins for vendors' programs last on its PATH", async () => {
    await printEnvironment({});
    const standIns = join(import.meta.dirname, '../../local/stand-ins');
    await expect.poll(() => tasks.lines, soon).toContain(`one env PATH=${searchPath()}${delimiter}${standIns}`);
  });

  test('with bad variables ends as its agent says', async () => {
    await tasks.attach('one');
    const container = await tasks.containers.start({
      taskId: 'one',
      image,
      name: 'ssh',
      environment: { SESSION_ID: sessionId, SSH_PORT: 'none' },
    });
    expect(await container.exited).toBe(64);
    await expect
      .poll(() => tasks.lines, soon)
      .toEqual([expect.stringMatching(/^one ssh \[\S+\] bastion: AUTHORIZED_KEY: got/)]);
  });
});

describe('a container does not start', () => {
  test('from an unknown image', async () => {
    await tasks.attach('one');
    const start = tasks.containers.start({ taskId: 'one', image: 'other:1', name: 'ssh', environment: {} });
    await expect(start).rejects.toThrow(`No folder runs image other:1; known images: ${image}.`);
  });

  test.each(['BASH_ENV', 'LD_PRELOAD', 'PATH', 'RUN_DIR', 'SSHD_LISTEN'])(
    'with the variable %s, which no agent has on AWS',
    async (variable) => {
      await tasks.attach('one');
      const environment = { SESSION_ID: sessionId, [variable]: '/tmp/evil' };
      const start = tasks.containers.start({ taskId: 'one', image, name: 'ssh', environment });
      await expect(start).rejects.toThrow(`Container ssh: got the variable ${variable}, expected those of an agent: `);
    },
  );

  test('from a file that the agent does not have', async () => {
    await tasks.attach('one');
    const start = tasks.containers.start({
      taskId: 'one',
      image,
      name: 'ssh',
      entryPoint: ['/agent/none.sh'],
      environment: {},
    });
    await expect(start).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('in a task that is not attached', async () => {
    const start = tasks.containers.start({ taskId: 'none', image, name: 'ssh', environment: {} });
    await expect(start).rejects.toThrow('Task none has no network');
  });
});

describe('tasks that share one address', () => {
  beforeEach(async () => {
    await tasks.close();
    tasks = await makeLocalTasks('shared');
  });

  test('are reached each at its own port', async () => {
    const one = await tasks.start('one', await freePort());
    const two = await tasks.start('two', await freePort());
    expect([one.target.host, two.target.host]).toEqual(['127.0.0.1', '127.0.0.1']);
    expect(await Promise.all([one, two].map(({ target }) => ssh(target, 'echo in')))).toEqual([
      { code: 0, stdout: 'in\n', stderr: '' },
      { code: 0, stdout: 'in\n', stderr: '' },
    ]);
    tasks.admitted.clear();
    expect((await ssh(one.target, 'true')).code).toBe(255);
  });

  test('get a clear error for a port that is taken', async () => {
    const { target } = await tasks.start('one', await freePort());
    await tasks.attach('two');
    const start = tasks.containers.start({
      taskId: 'two',
      image,
      name: 'ssh',
      environment: { SSH_PORT: `${target.port}` },
    });
    await expect(start).rejects.toThrow(
      `Cannot listen on 127.0.0.1:${target.port}, where the task is to be reached; is it taken?`,
    );
  });
});
