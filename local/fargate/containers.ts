/**
 * Fargate on this machine: a task's containers are processes, run from the agent's own folder, behind a firewall that asks
 * the task's security groups about every connection.
 *
 * A Fargate task has a network and a file system of its own. A process has neither, so two variables tell the agent where
 * to be: SSHD_LISTEN (an address that the firewall alone talks to) and RUN_DIR (a private directory).
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
  /** Image URI, as the task definition has it, to the folder that the image's Dockerfile copies to /agent. */
  readonly images: Readonly<Record<string, string>>;
  /** Holds the tasks' private directories; made when missing. */
  readonly stateDirectory: string;
  readonly log: (taskId: string, container: string, line: string) => void;
  /**
   * `own`: a loopback address per task. `shared`: 127.0.0.1 for all, told apart by their SSH_PORT.
   * @default - own where this machine can (Linux), otherwise shared (macOS)
   */
  readonly addresses?: 'own' | 'shared';
}

interface Task {
  readonly admits: AttachRequest['admits'];
  readonly claim: Claim;
  readonly runDirectory: string;
  /** Opened by the first container that has an SSH_PORT. */
  entrance?: Promise<Entrance>;
}

interface Entrance {
  readonly firewall: Firewall;
  readonly sshd: Endpoint;
}

/** What vendors' programs are replaced with where they are not installed. */
const standIns = join(import.meta.dirname, '../stand-ins');

const sharedAddress: Claim = { ip: '127.0.0.1', release: async () => {} };

export class LocalContainers implements ContainerHost {
  private readonly options: LocalContainersOptions;
  private readonly addresses = new LoopbackAddresses();
  private readonly processes = new ProcessGroups();
  private readonly tasks = new Map<string, Task>();

  constructor(options: LocalContainersOptions) {
    this.options = options;
  }

  async attach({ taskId, admits }: AttachRequest): Promise<TaskNetwork> {
    const stateDirectory = resolve(this.options.stateDirectory);
    await mkdir(stateDirectory, { recursive: true });
    const runDirectory = await mkdtemp(join(stateDirectory, 'task-'));
    const claim = await this.claimAddress();
    this.tasks.set(taskId, { admits, claim, runDirectory });
    return { publicIp: claim.ip };
  }

  /** Throws when the task is not attached, the image is unknown, or its public port is taken. */
  async start(request: ContainerStart): Promise<RunningContainer> {
    const { taskId, name } = request;
    const task = this.tasks.get(taskId);
    if (task === undefined)
      throw new Error(`Task ${taskId} has no network; attach it before its container ${name} starts.`);
    const [file, ...args] = this.command(request);
    const sshd = await this.openEntrance(task, request);
    return this.processes.start({
      file,
      args,
      environment: {
        PATH: [searchPath(), standIns].join(delimiter),
        ...request.environment,
        RUN_DIR: task.runDirectory,
        ...(sshd === undefined ? {} : { SSHD_LISTEN: `${sshd.host}:${sshd.port}` }),
      },
      log: (line) => this.options.log(taskId, name, line),
    });
  }

  async detach(taskId: string): Promise<void> {
    const task = this.tasks.get(taskId);
    if (task === undefined) return;
    this.tasks.delete(taskId);
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
    this.processes.close();
    await Promise.all([...this.tasks.keys()].map((taskId) => this.detach(taskId)));
  }

  private async claimAddress(): Promise<Claim> {
    if (this.options.addresses === 'shared') return sharedAddress;
    const own = await this.addresses.claim();
    if (own === undefined && this.options.addresses === 'own') {
      throw new Error('This machine has no address 127.77.0.2; use shared addresses.');
    }
    return own ?? sharedAddress;
  }

  private command({
    image,
    entryPoint = ['/agent/entrypoint.sh'],
    command = [],
  }: ContainerStart): [string, ...string[]] {
    const folder = this.options.images[image];
    if (folder === undefined) {
      throw new Error(`No folder runs image ${image}; known images: ${Object.keys(this.options.images).join(', ')}.`);
    }
    const [file, ...args] = [...entryPoint, ...command];
    if (file === undefined)
      throw new Error(`Image ${image} is to run an empty entry point; leave it out for the image's own.`);
    return [file.startsWith('/agent/') ? join(resolve(folder), file.slice('/agent/'.length)) : file, ...args];
  }

  /** Resolves with where sshd is to listen, or undefined for a task that lets nobody in. A bad port is the agent's to report. */
  private async openEntrance(task: Task, { environment }: ContainerStart): Promise<Endpoint | undefined> {
    const port = Number(environment[taskEnv.port]);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
    task.entrance ??= openEntrance(task, port);
    return (await task.entrance).sshd;
  }
}

async function openEntrance({ claim, admits }: Task, port: number): Promise<Entrance> {
  const outside = { host: claim.ip, port };
  const sshd =
    claim === sharedAddress
      ? { host: claim.ip, port: await freePort() }
      : { host: claim.ip.replace('127.77.', '127.78.'), port };
  try {
    const firewall = await openFirewall({ outside, inside: sshd, admits: (sourceIp) => admits({ port, sourceIp }) });
    return { firewall, sshd };
  } catch (cause) {
    throw new Error(`Cannot listen on ${outside.host}:${port}, where the task is to be reached; is it taken?`, {
      cause,
    });
  }
}
