/** Runs tasks as processes on this machine. */
import { join } from 'node:path';
import { vi } from 'vitest';
import type { RunningContainer } from '../../emulator/container-host.ts';
import { makeHostKeys } from '../../lambdas/host-keys.ts';
import { LocalContainers } from '../../local/fargate/containers.ts';
import { type AgentTask, agentLine, startAgentTask } from './agent-task.ts';
import { makeKeyPair, run, type SshTarget } from './ssh.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export const image = 'example.dkr.ecr.eu-west-1.amazonaws.com/ssh:1';
export const agentFolder = join(import.meta.dirname, '../../agent-image');

export interface RunningTask {
  readonly agent: RunningContainer;
  readonly target: SshTarget;
}

export type LocalTasks = Awaited<ReturnType<typeof makeLocalTasks>>;

export async function makeLocalTasks(addresses?: 'own' | 'shared') {
  const folder = await makeTemporaryFolder('local tasks');
  const stateDirectory = join(folder.path, 'state');
  const key = await makeKeyPair(folder.path, 'key');
  /** The source addresses that the security group allows. */
  const admitted = new Set(['127.0.0.1']);
  const asked: { port: number; sourceIp: string }[] = [];
  const lines: string[] = [];
  const tasks: AgentTask[] = [];
  const containers = new LocalContainers({
    images: { [image]: agentFolder },
    stateDirectory,
    log: (taskId, container, line) => lines.push(`${taskId} ${container} ${line}`),
    ...(addresses === undefined ? {} : { addresses }),
  });

  const attach = (taskId: string) =>
    containers.attach({
      taskId,
      allows: (connection) => {
        asked.push(connection);
        return admitted.has(connection.sourceIp);
      },
    });

  async function handOver(port: number): Promise<Record<string, string>> {
    const task = await startAgentTask('ssh');
    tasks.push(task);
    await task.handOver((await makeHostKeys()).handoffValues);
    return {
      ...task.environment,
      AUTHORIZED_KEY: key.publicKey,
      LATEST_END: `${Math.floor(Date.now() / 1000) + 3600}`,
      SSH_PORT: `${port}`,
    };
  }

  return {
    containers,
    stateDirectory,
    key,
    admitted,
    asked,
    lines,
    attach,

    /** Hands host keys over. @returns the environment of the container that takes them */
    handOver,

    /** Starts the container of a task and waits until it is up. */
    async start(taskId: string, port = 2222): Promise<RunningTask> {
      const { publicIp } = await attach(taskId);
      const environment = await handOver(port);
      const agent = await containers.start({ taskId, image, name: 'ssh', environment });
      await vi.waitUntil(() => lines.some((line) => line.startsWith(`${taskId} ssh ${agentLine('up: ')}`)), {
        timeout: 20_000,
      });
      return { agent, target: { host: publicIp, port, identity: key.privateKey } };
    },

    /** The processes whose command line names the state folder. Every sshd's does. */
    async processes(): Promise<{ pid: number; parent: number }[]> {
      const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args=']);
      return stdout
        .split('\n')
        .filter((line) => line.includes(stateDirectory))
        .map((line) => line.trim().split(/\s+/))
        .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
    },

    async close(): Promise<void> {
      await containers.close();
      for (const task of tasks) await task.close();
      await folder.remove();
    },
  };
}

/** Whether a process runs. A zombie does not. */
export async function isRunning(pid: string): Promise<boolean> {
  const { stdout } = await run('ps', ['-o', 'stat=', '-p', pid]);
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}
