/** A container of the `ssh` agent with its host keys handed over, and the way to log in to it. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { HostKeys } from '../../lambdas/core/session/ports.ts';
import { makeHostKeys } from '../../lambdas/host-keys.ts';
import { freePort } from '../../local/fargate/addresses.ts';
import { type AgentTask, startAgentTask } from './agent-task.ts';
import { type KeyPair, type Lines, makeKeyPair, readLines, type SshTarget } from './ssh.ts';

export interface Bastion {
  readonly process: ChildProcessWithoutNullStreams;
  /** The agent's own lines. */
  readonly said: Lines;
  readonly target: SshTarget;
  /** All that sshd logs. Resolves at the agent's end. */
  readonly log: Promise<string>;
}

export interface BastionTask {
  readonly task: AgentTask;
  readonly key: KeyPair;
  readonly hostKeys: HostKeys;
  /** The variables that RunTask and the container host set. */
  variables(): Promise<Record<string, string>>;
  /** Hands the host keys over, starts the entrypoint, and waits until it says that it is up. */
  start(changes?: Readonly<Record<string, string>>): Promise<Bastion>;
  /** The same without an owner: waits until it says that it is pooled. */
  startPooled(changes?: Readonly<Record<string, string>>): Promise<Bastion>;
}

export async function makeBastionTask(agentImage?: string): Promise<BastionTask> {
  const task = await startAgentTask('ssh', agentImage);
  const key = await makeKeyPair(task.bin, 'key');
  const hostKeys = await makeHostKeys();
  const variables = async () => ({
    AUTHORIZED_KEY: key.publicKey,
    SSHD_LISTEN: `127.0.0.1:${await freePort()}`,
  });
  async function start(changes: Readonly<Record<string, string | undefined>>, line: RegExp): Promise<Bastion> {
    await task.handOver(hostKeys.handoffValues);
    const own = await variables();
    const agent = task.start({ ...own, ...changes });
    const log = text(agent.stderr);
    const said = readLines(agent.stdout);
    await said.find(line);
    const port = Number(own.SSHD_LISTEN.split(':').at(-1));
    return { process: agent, said, target: { host: '127.0.0.1', port, identity: key.privateKey }, log };
  }
  return {
    task,
    key,
    hostKeys,
    variables,
    start: (changes = {}) => start(changes, /^\[[0-9a-f-]{36}\] bastion: up: /),
    startPooled: (changes = {}) =>
      start({ AUTHORIZED_KEY: undefined, POOLED: 'true', ...changes }, /^\[[0-9a-f-]{36}\] bastion: pooled: /),
  };
}
