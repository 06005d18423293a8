/**
 * Fargate on this machine: a task's containers are processes, run from the agent's own folder, behind a firewall that asks
 * the task's security groups about every connection.
 *
 * A Fargate task has a network and a file system of its own. A process has neither, so the agent gets two variables:
 * SSHD_LISTEN (an address that the firewall alone talks to) and RUN_DIR (a private directory).
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { taskEnv } from '../../contracts/agent.ts';
import type {
  AttachRequest,
  ContainerHost,
  ContainerStart,
  RunningContainer,
  TaskNetwork,
} from '../../emulator/container-host.ts';
import { searchPath } from '../machine.ts';
import { type Claim, freePort, LoopbackAddresses } from './addresses.ts';
import { type Endpoint, type Firewall, openFirewall } from './firewall.ts';
import { killLeftBehind, ProcessGroups } from './processes.ts';

export interface LocalContainersOptions {
  /** For each image URI of a task definition, the folder that the image's Dockerfile copies to /agent. */
  readonly images: Readonly<Record<string, string>>;
  /** Holds the private directories of tasks. It is made when missing. */
  readonly stateDirectory: string;
  /** Receives each line of a container. The firewall's lines come as those of a container `firewall`. */
  readonly log: (taskId: string, container: string, line: string) => void;
  /**
   * `own`: a loopback address per task. `shared`: 127.0.0.1 for all tasks, each with another SSH_PORT.
   * @default - own where this machine can (Linux), otherwise shared (macOS)
   */
  readonly addresses?: 'own' | 'shared';
}

interface Task {
  readonly allows: AttachRequest['allows'];
  readonly claim: Claim;
  readonly runDirectory: string;
  readonly log: (container: string, line: string) => void;
  /** Where people connect to, from the start of the first container with an SSH_PORT. */
  outside?: Endpoint;
  entrance?: Promise<Entrance>;
}

interface Entrance {
  readonly firewall: Firewall;
  /** Where sshd listens. */
  readonly sshd: Endpoint;
}

/** The folder of programs that take the place of vendors' programs on a machine without those. */
const standIns = join(import.meta.dirname, '../stand-ins');

const sharedAddress: Claim = { ip: '127.0.0.1', release: async () => {} };

export class LocalContainers implements ContainerHost {
  readonly #options: LocalContainersOptions;
  readonly #addresses = new LoopbackAddresses();
  readonly #processes = new ProcessGroups();
  readonly #tasks = new Map<string, Task>();

  constructor(options: LocalContainersOptions) {
    this.#options = options;
  }

  async attach({ taskId, allows }: AttachRequest): Promise<TaskNetwork> {
    const stateDirectory = resolve(this.#options.stateDirectory);
    await mkdir(stateDirectory, { recursive: true });
    const runDirectory = await mkdtemp(join(stateDirectory, 'task-'));
    const claim = await this.#claimAddress();
    const log = (container: string, line: string) => this.#options.log(taskId, container, line);
    this.#tasks.set(taskId, { allows, claim, runDirectory, log });
    return { publicIp: claim.ip };
  }

  /** Throws when the task is not attached, the image is unknown, or its public port is taken. */
  async start(request: ContainerStart): Promise<RunningContainer> {
    const { taskId, name } = request;
    const task = this.#tasks.get(taskId);
    if (task === undefined)
      throw new Error(`Task ${taskId} has no network; attach it before its container ${name} starts.`);
    const [file, ...args] = this.#command(request);
    const sshd = await openEntrance(task, request);
    return this.#processes.start({
      file,
      args,
      environment: {
        PATH: [searchPath(), standIns].join(delimiter),
        ...request.environment,
        RUN_DIR: task.runDirectory,
        ...(sshd === undefined ? {} : { SSHD_LISTEN: `${sshd.host}:${sshd.port}` }),
      },
      log: (line) => task.log(name, line),
    });
  }

  /** Where people reach a task. Undefined for a task that has no port for people, or has ended. */
  entranceOf(taskId: string): Endpoint | undefined {
    return this.#tasks.get(taskId)?.outside;
  }

  async detach(taskId: string): Promise<void> {
    const task = this.#tasks.get(taskId);
    if (task === undefined) return;
    this.#tasks.delete(taskId);
    const entrance = await task.entrance?.catch(() => undefined);
    if (entrance !== undefined) {
      await entrance.firewall.close();
      killLeftBehind(entrance.sshd);
    }
    await rm(task.runDirectory, { recursive: true, force: true });
    await task.claim.release();
  }

  /** Ends every container and connection and frees every address. */
  async close(): Promise<void> {
    this.#processes.close();
    await Promise.all([...this.#tasks.keys()].map((taskId) => this.detach(taskId)));
  }

  async #claimAddress(): Promise<Claim> {
    if (this.#options.addresses === 'shared') return sharedAddress;
    const own = await this.#addresses.claim();
    if (own === undefined && this.#options.addresses === 'own') {
      throw new Error('This machine has no address 127.77.0.2; use shared addresses.');
    }
    return own ?? sharedAddress;
  }

  #command({ image, entryPoint = ['/agent/ssh/entrypoint.sh'], command = [] }: ContainerStart): [string, ...string[]] {
    const folder = this.#options.images[image];
    if (folder === undefined) {
      throw new Error(`No folder runs image ${image}; known images: ${Object.keys(this.#options.images).join(', ')}.`);
    }
    const [file, ...args] = [...entryPoint, ...command];
    if (file === undefined)
      throw new Error(`Image ${image} is to run an empty entry point; leave it out for the image's own.`);
    return [file.startsWith('/agent/') ? join(resolve(folder), file.slice('/agent/'.length)) : file, ...args];
  }
}

/** Resolves with the address for sshd, or undefined for a task without a port for people. The agent reports a bad port. */
async function openEntrance(task: Task, { environment }: ContainerStart): Promise<Endpoint | undefined> {
  const port = Number(environment[taskEnv.port]);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  task.outside ??= { host: task.claim.ip, port };
  task.entrance ??= openFirewallAt(task.outside, task);
  return (await task.entrance).sshd;
}

async function openFirewallAt(outside: Endpoint, { claim, allows, log }: Task): Promise<Entrance> {
  const { port } = outside;
  const sshd =
    claim === sharedAddress
      ? { host: claim.ip, port: await freePort() }
      : { host: claim.ip.replace('127.77.', '127.78.'), port };
  const isAllowed = (sourceIp: string) => {
    const allowed = allows({ port, sourceIp });
    if (!allowed) log('firewall', `connection from ${sourceIp} refused: no rule allows it`);
    return allowed;
  };
  try {
    return { firewall: await openFirewall({ outside, inside: sshd, isAllowed }), sshd };
  } catch (cause) {
    throw new Error(`Cannot listen on ${outside.host}:${port}, where the task is to be reached; is it taken?`, {
      cause,
    });
  }
}
