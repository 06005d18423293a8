/** The image of the `ssh` agent in Docker, run as the task definition runs it, against the emulated AWS. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { HostKeys } from '../../lambdas/core/session/ports.ts';
import { makeHostKeys } from '../../lambdas/host-keys.ts';
import { type AgentTask, startAgentTask } from '../support/agent-task.ts';
import { hour } from '../support/latest-end.ts';
import { exitOf, type KeyPair, makeKeyPair, type Outcome, run, type SshTarget } from '../support/ssh.ts';

export const agentImage = join(import.meta.dirname, '../../agent-image');

/** Root's capabilities in the container. The task definition drops every other. */
const capabilities = ['SETUID', 'SETGID', 'SYS_CHROOT', 'CHOWN', 'KILL', 'NET_BIND_SERVICE', 'AUDIT_WRITE'];

export async function docker(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run('docker', args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return stdout.trim();
}

/** Builds the image. @param folder stands in for `agent-image` */
export async function buildSshImage(tag: string, folder = agentImage): Promise<string> {
  const base = 'BASE_IMAGE=bastion-base:trixie';
  await docker('build', '-q', '-t', tag, '-f', join(folder, 'ssh/Dockerfile'), '--build-arg', base, folder);
  return tag;
}

/** This machine's address on Docker's network, where a container's way out begins. */
export async function bridgeAddress(image: string): Promise<string> {
  const routes = await docker('run', '--rm', '--entrypoint', 'ip', image, 'route');
  const [, address] = /^default via (\S+) /m.exec(routes) ?? [];
  if (address === undefined) throw new Error(`Got the routes ${routes}, expected a default.`);
  return address;
}

export interface SshContainer {
  readonly task: AgentTask;
  readonly key: KeyPair;
  readonly hostKeys: HostKeys;
  readonly target: SshTarget;
  /** Lines of the container's log so far. */
  readonly log: readonly string[];
  /** Runs a command in the container as its root. */
  exec(...command: readonly string[]): Promise<Outcome>;
  /** Stops the container as ECS does. Resolves with its exit code. */
  stop(): Promise<number>;
  close(): Promise<void>;
}

interface SshContainerOptions {
  /** Of the login. The kernel counts a user's processes on all of Docker's machine, and not for each container. */
  readonly uid?: number;
  /** Starts it without an owner. */
  readonly isPooled?: boolean;
}

/** Starts a container and waits until it is up, or pooled. */
export async function startSshContainer(
  image: string,
  { uid = 10_022, isPooled = false }: SshContainerOptions = {},
): Promise<SshContainer> {
  const task = await startAgentTask('ssh');
  const [key, hostKeys] = [await makeKeyPair(task.bin, 'key'), await makeHostKeys()];
  await task.handOver(hostKeys.handoffValues);
  const endpoint = await task.serveAt(await bridgeAddress(image));
  const name = `ssh-image-test-${process.pid}-${new URL(endpoint).port}`;
  const environment: Record<string, string> = {
    ...task.environment,
    ...(isPooled ? { POOLED: 'true' } : { AUTHORIZED_KEY: key.publicKey }),
    LATEST_END: `${Math.floor(Date.now() / 1000) + hour}`,
  };
  for (const [variable, value] of Object.entries(environment))
    environment[variable] = value.replace(/^http:\/\/127\.0\.0\.1:\d+/, endpoint);
  const passwd = join(task.bin, 'passwd');
  const users = await docker('run', '--rm', '--entrypoint', 'cat', image, '/etc/passwd');
  await writeFile(passwd, `${users.replace(/^bastion:x:\d+:/m, `bastion:x:${uid}:`)}\n`);
  const container = spawn(
    'docker',
    [
      ...['run', '--rm', '--name', name, '--init', '--cap-drop', 'ALL'],
      ...capabilities.flatMap((capability) => ['--cap-add', capability]),
      ...['--volume', `${passwd}:/etc/passwd:ro`, '--tmpfs', `/home/bastion:mode=0700,uid=${uid}`],
      ...['--cpus', '0.25', '--memory', '512m'],
      ...Object.keys(environment).flatMap((variable) => ['--env', variable]),
      image,
    ],
    { env: { ...process.env, ...environment } },
  );
  const log: string[] = [];
  const up = awaitLine(container, log, /^\[[0-9a-f-]{36}\] bastion: (up|pooled): /);
  const close = async () => {
    await run('docker', ['rm', '-f', name]);
    await exitOf(container);
    await task.close();
  };
  try {
    await up;
  } catch (error) {
    await close();
    throw error;
  }
  const host = await docker('inspect', name, '-f', '{{.NetworkSettings.IPAddress}}');
  return {
    task,
    key,
    hostKeys,
    target: { host, port: 22, identity: key.privateKey, login: 'bastion' },
    log,
    exec: (...command) => run('docker', ['exec', name, ...command]),
    async stop() {
      await docker('stop', '--time', '30', name);
      return exitOf(container);
    },
    close,
  };
}

/** Keeps each line of the log. Resolves with the first that fits; rejects with all when the container ends before. */
function awaitLine(container: ChildProcessWithoutNullStreams, log: string[], fits: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    for (const stream of [container.stdout, container.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        log.push(line);
        if (fits.test(line)) resolve();
      });
    }
    container.once('close', (code) => reject(new Error(`The container ended with ${code}:\n${log.join('\n')}`)));
  });
}
