import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agentFolder, image, isRunning, type LocalTasks, makeLocalTasks } from '../support/local-tasks.ts';
import { exitOf, lineOf, ssh, startSsh } from '../support/ssh.ts';

let tasks: LocalTasks;

beforeEach(async () => {
  tasks = await makeLocalTasks();
});

afterEach(() => tasks.close());

const connectionError = async (host: string, port: number): Promise<unknown> => {
  const [error] = await once(connect(port, host), 'error').catch((cause: unknown) => [cause]);
  return error;
};

describe('the end of a task', () => {
  test('by SIGTERM and detach leaves no process, listener or file', async () => {
    const { agent, target } = await tasks.start('one');
    const session = startSsh(target, 'echo $$; exec sleep 1000');
    const sleeper = await lineOf(session.stdout, /^\d+$/);
    agent.kill('SIGTERM');
    expect(await agent.exited).toBe(0);
    await tasks.containers.detach('one');
    expect(await exitOf(session)).toBe(255);
    expect(await isRunning(sleeper)).toBe(false);
    expect(await tasks.processes()).toEqual([]);
    expect(await readdir(tasks.stateDirectory)).toEqual([]);
    expect(await connectionError(target.host, target.port)).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('by SIGKILL takes everything it started along', async () => {
    const { agent, target } = await tasks.start('one');
    const session = startSsh(target, 'echo $$; exec sleep 1000');
    const sleeper = await lineOf(session.stdout, /^\d+$/);
    agent.kill('SIGKILL');
    expect(await agent.exited).toBe(137);
    expect(await isRunning(sleeper)).toBe(false);
    expect(await tasks.processes()).toEqual([]);
    expect(await exitOf(session)).toBe(255);
  });

  test('from outside, by the death of its first process, leaves no process', async () => {
    const { agent } = await tasks.start('one');
    const [sshd] = await tasks.processes();
    if (sshd === undefined) throw new Error('Found no sshd, expected that of the task.');
    process.kill(sshd.parent, 'SIGKILL');
    expect(await agent.exited).toBe(137);
    expect(await tasks.processes()).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('ends what a person left running after their connection', async () => {
    const { agent, target } = await tasks.start('one');
    const { stdout } = await ssh(target, 'setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $!');
    const sleeper = stdout.trim();
    expect(await isRunning(sleeper)).toBe(true);
    agent.kill('SIGTERM');
    await agent.exited;
    await tasks.containers.detach('one');
    await expect.poll(() => isRunning(sleeper), { timeout: 30_000 }).toBe(false);
  });

  test('by detach closes the connections, even when the agent would go on', async () => {
    const { target } = await tasks.start('one');
    const session = startSsh(target, 'echo up; exec cat');
    await lineOf(session.stdout, /^up$/);
    await tasks.containers.detach('one');
    expect(await exitOf(session)).toBe(255);
    expect(await connectionError(target.host, target.port)).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('by close() takes running tasks and their connections', async () => {
    const { target } = await tasks.start('one');
    const session = startSsh(target, 'echo up; exec cat');
    await lineOf(session.stdout, /^up$/);
    await tasks.containers.close();
    expect(await exitOf(session)).toBe(255);
    expect(await tasks.processes()).toEqual([]);
    expect(await readdir(tasks.stateDirectory)).toEqual([]);
  });

  test('follows the death of the program that runs the containers, even by SIGKILL', async () => {
    const program = `
      import { LocalContainers } from ${JSON.stringify(join(import.meta.dirname, '../../local/fargate/containers.ts'))};
      const [image, folder, stateDirectory] = process.argv.slice(1);
      const containers = new LocalContainers({ images: { [image]: folder }, stateDirectory, log: (...line) => console.log(...line) });
      await containers.attach({ taskId: 'one', allows: () => true });
      const environment = JSON.parse(process.env.TASK);
      await containers.start({ taskId: 'one', image, name: 'ssh', environment });`;
    const args = ['--input-type=module', '-e', program, image, agentFolder, tasks.stateDirectory];
    const host = spawn(process.execPath, args, {
      env: { ...process.env, TASK: JSON.stringify(await tasks.handOver(2222)) },
    });
    await lineOf(host.stdout, /Server listening/);
    expect(await tasks.processes()).not.toEqual([]);
    host.kill('SIGKILL');
    await expect.poll(() => tasks.processes(), { timeout: 30_000 }).toEqual([]);
  });
});
