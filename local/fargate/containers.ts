/**
 * Fargate on this machine: a task's containers are processes, run from the agent's own folder, behind a firewall that asks
 * the task's security groups about every connection.
 *
 * A Fargate task has a network and a file system of its own. A process has neither, so the agent gets two variables:
 * SSHD_LISTEN (an address that the firewall alone talks to) and RUN_DIR (a private directory). A process has the user, the
 * capabilities and the limits of this program, whatever the container definition says.
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
import { freePort } from './addresses.ts';
import { type AddressKind, type Entrance, Entrances, portForPeople } from './entrance.ts';
import type { Endpoint } from './firewall.ts';
import { killLeftBehind, ProcessGroups } from './processes.ts';

export interface LocalContainersOptions {
  /** For each image URI of a task definition, the folder that the image's Dockerfile copies to /agent. */
  readonly images: Readonly<Record<string, string>>;
  /** Holds the private directories of tasks. It is made when missing. */
  readonly stateDirectory: string;
  /** Receives each line of a container. The firewall's lines come as those of a container `firewall`. */
  readonly log: (taskId: string, container: string, line: string) => void;
  /** @default - own where this machine can (Linux), otherwise shared (macOS) */
  readonly addresses?: AddressKind;
}

interface Task {
  readonly entrance: Entrance;
  readonly runDirectory: string;
  readonly log: (container: string, line: string) => void;
  /** Where sshd listens, from the start of the first container with an SSH_PORT. */
  sshd?: Promise<Endpoint>;
}

/** The folder of programs that take the place of vendors' programs on a machine without those. */
const standIns = join(import.meta.dirname, '../stand-ins');

export class LocalContainers implements ContainerHost {
  readonly #options: LocalContainersOptions;
  readonly #entrances: Entrances;
  readonly #processes = new ProcessGroups();
  readonly #tasks = new Map<string, Task>();

  constructor(options: LocalContainersOptions) {
    this.#options = options;
    this.#entrances = new Entrances(options.addresses);
  }

  async attach({ taskId, allows }: AttachRequest): Promise<TaskNetwork> {
    const stateDirectory = resolve(this.#options.stateDirectory);
    await mkdir(stateDirectory, { recursive: true });
    const runDirectory = await mkdtemp(join(stateDirectory, 'task-'));
    const log = (container: string, line: string) => this.#options.log(taskId, container, line);
    const entrance = await this.#entrances.claim(allows, log);
    this.#tasks.set(taskId, { entrance, runDirectory, log });
    return { publicIp: entrance.publicIp };
  }

  /** Throws when the task is not attached, the image or a variable is unknown, or its public port is taken. */
  async start(request: ContainerStart): Promise<RunningContainer> {
    const { taskId, name } = request;
    const task = this.#tasks.get(taskId);
    if (task === undefined)
      throw new Error(`Task ${taskId} has no network; attach it before its container ${name} starts.`);
    refuseOtherVariables(request);
    const [file, ...args] = this.#command(request);
    const sshd = await openFor(task, request);
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
    return this.#tasks.get(taskId)?.entrance.outside;
  }

  async detach(taskId: string): Promise<void> {
    const task = this.#tasks.get(taskId);
    if (task === undefined) return;
    this.#tasks.delete(taskId);
    await task.entrance.close();
    const sshd = await task.sshd?.catch(() => undefined);
    if (sshd !== undefined) killLeftBehind(sshd);
    await rm(task.runDirectory, { recursive: true, force: true });
  }

  /** Ends every container and connection and frees every address. */
  async close(): Promise<void> {
    this.#processes.close();
    await Promise.all([...this.#tasks.keys()].map((taskId) => this.detach(taskId)));
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

const variablesOfAgents = Object.values<string>(taskEnv);

/** A variable such as BASH_ENV or LD_PRELOAD would make an agent run a program of the caller's, as the user of this machine. */
function refuseOtherVariables({ name, environment }: ContainerStart): void {
  const other = Object.keys(environment).find((one) => !variablesOfAgents.includes(one) && !/^(AWS|ECS)_/.test(one));
  if (other === undefined) return;
  const expected = [...variablesOfAgents, 'AWS_…', 'ECS_…'].join(', ');
  throw new Error(`Container ${name}: got the variable ${other}, expected those of an agent: ${expected}.`);
}

/** Resolves with the address for sshd, or undefined for a task without a port for people. */
async function openFor(task: Task, { environment }: ContainerStart): Promise<Endpoint | undefined> {
  const port = portForPeople(environment);
  if (port === undefined) return undefined;
  task.sshd ??= openForPeople(task.entrance, port);
  return task.sshd;
}

async function openForPeople(entrance: Entrance, port: number): Promise<Endpoint> {
  const sshd = entrance.isShared
    ? { host: entrance.publicIp, port: await freePort() }
    : { host: entrance.publicIp.replace('127.77.', '127.78.'), port };
  await entrance.open(port, { inside: Promise.resolve(sshd), source: 'client' });
  return sshd;
}
