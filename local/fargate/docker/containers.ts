/**
 * Fargate on this machine, in Docker: a task's containers run as their definition says, in the images that deploy, on a private
 * network behind a firewall that asks the task's security groups about every connection.
 */
import type {
  AttachRequest,
  ContainerHost,
  ContainerStart,
  RunningContainer,
  TaskNetwork,
} from '../../../emulator/container-host.ts';
import { type Entrance, Entrances, portForPeople } from '../entrance.ts';
import type { Endpoint } from '../firewall.ts';
import { createArguments } from './arguments.ts';
import { type Docker, DockerError } from './cli.ts';
import type { BridgeNetwork } from './network.ts';
import { removeContainer, taskLabels } from './run-labels.ts';

export interface DockerContainersOptions {
  readonly docker: Docker;
  readonly network: BridgeNetwork;
  /** The run's own folder, which exists as long as the run does. */
  readonly folder: string;
  /** Docker's id of each image of a task definition. Docker takes another image from its registry. */
  readonly images: Readonly<Record<string, string>>;
  /** Receives each line of a container. The firewall's lines come as those of a container `firewall`. */
  readonly log: (taskId: string, container: string, line: string) => void;
}

interface Task {
  readonly entrance: Entrance;
  readonly log: (container: string, line: string) => void;
  readonly containerIds: string[];
  /** The id of the first container. The others share its network. */
  first?: Promise<string>;
}

export class DockerContainers implements ContainerHost {
  readonly #options: DockerContainersOptions;
  readonly #entrances = new Entrances();
  readonly #tasks = new Map<string, Task>();
  #hasFargateLimits = true;

  constructor(options: DockerContainersOptions) {
    this.#options = options;
  }

  async attach({ taskId, allows }: AttachRequest): Promise<TaskNetwork> {
    const log = (container: string, line: string) => this.#options.log(taskId, container, line);
    const entrance = await this.#entrances.claim(allows, log);
    this.#tasks.set(taskId, { entrance, log, containerIds: [] });
    return { publicIp: entrance.publicIp };
  }

  /** Throws when the task is not attached, its public port is taken, or Docker refuses the container. */
  async start(request: ContainerStart): Promise<RunningContainer> {
    const { taskId, name } = request;
    const task = this.#tasks.get(taskId);
    if (task === undefined)
      throw new Error(`Task ${taskId} has no network; attach it before its container ${name} starts.`);
    const isFirst = task.first === undefined;
    task.first ??= this.#startFirst(task, request);
    const first = await task.first;
    return this.#watch(task, request, isFirst ? first : await this.#run(task, request, `container:${first}`));
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
    // A container that stays is removed by the next start.
    const complain = (error: unknown) => task.log('firewall', messageOf(error));
    await Promise.all(task.containerIds.map((id) => removeContainer(this.#options.docker, id).catch(complain)));
  }

  /** Ends every container and connection and frees every address. */
  async close(): Promise<void> {
    await Promise.all([...this.#tasks.keys()].map((taskId) => this.detach(taskId)));
  }

  /** Opens the port for people before the container starts, which alone knows when it can serve them. */
  async #startFirst(task: Task, request: ContainerStart): Promise<string> {
    const { network } = this.#options;
    const port = portForPeople(request.environment);
    const agent = Promise.withResolvers<Endpoint>();
    if (port !== undefined) {
      await task.entrance.open(port, { inside: agent.promise, source: 'machine' });
      task.log('firewall', `the container sees every connection as from ${network.machineIp}, this machine`);
    }
    const id = await this.#run(task, request, network.name);
    if (port !== undefined) agent.resolve({ host: await this.#addressOf(id), port });
    return id;
  }

  async #run(task: Task, request: ContainerStart, network: string): Promise<string> {
    const { docker, images, folder } = this.#options;
    const labels = taskLabels(folder, request.taskId);
    const image = images[request.image] ?? request.image;
    const hasFargateLimits = this.#hasFargateLimits;
    const { args, environment } = createArguments(request, { image, network, labels, hasFargateLimits });
    const id = await docker.run(args, { environment });
    task.containerIds.push(id);
    try {
      await docker.run(['start', id]);
    } catch (error) {
      if (!(error instanceof DockerError && error.isAboutLimits && hasFargateLimits)) throw error;
      this.#useOwnLimits(task);
      return this.#run(task, request, network);
    }
    return id;
  }

  /** Other tasks may find the same at the same time. */
  #useOwnLimits({ log }: Task): void {
    if (this.#hasFargateLimits) {
      log('firewall', "Docker's daemon has lower limits than Fargate, so containers get its own");
    }
    this.#hasFargateLimits = false;
  }

  async #addressOf(id: string): Promise<string> {
    const { docker, network } = this.#options;
    const format = `{{(index .NetworkSettings.Networks "${network.name}").IPAddress}}`;
    return docker.run(['inspect', '--format', format, id]);
  }

  #watch(task: Task, { name }: ContainerStart, id: string): RunningContainer {
    const { docker } = this.#options;
    const log = (line: string) => task.log(name, line);
    const complain = (error: unknown) => log(messageOf(error));
    const logsEnd = docker.follow(['logs', '--follow', id], log).ended.catch(complain);
    return {
      exited: docker.run(['wait', id]).then(
        async (code) => {
          await logsEnd;
          return Number(code);
        },
        (error: unknown) => {
          complain(error);
          return 1; // the container is out of sight, and its task ends
        },
      ),
      kill: (signal) => {
        docker.run(['kill', '--signal', signal, id]).catch((error: unknown) => {
          if (!(error instanceof DockerError && error.isGone)) complain(error);
        });
      },
    };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
