import type { ContainerHost } from '../container-host.ts';
import type { Context } from '../context.ts';
import type { Ec2 } from '../ec2/ec2.ts';
import { startOrder } from './definitions.ts';
import { containerNamed, type Task, type TaskContainer, type TaskStatus, tellExits } from './task.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
const defaultStopTimeoutSeconds = 30;

/**
 * Leads tasks from PROVISIONING to STOPPED:
 *
 *   PROVISIONING -> PENDING -> ACTIVATING -> RUNNING -> DEACTIVATING -> STOPPING -> DEPROVISIONING -> STOPPED
 *
 * A task that has to stop before it runs goes straight to DEPROVISIONING, or to DEACTIVATING if a container has started.
 * Its network interface exists from the first moment to the end of DEPROVISIONING, and keeps its security groups in use.
 */
export class TaskLife {
  readonly #context: Context;
  readonly #ec2: Ec2;
  readonly #host: ContainerHost;
  readonly #onChange: (task: Task) => void;
  readonly #lives = new Map<Task, Life>();
  #stopSignal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM';

  constructor(context: Context, ec2: Ec2, host: ContainerHost, onChange: (task: Task) => void) {
    this.#context = context;
    this.#ec2 = ec2;
    this.#host = host;
    this.#onChange = onChange;
  }

  begin(task: Task): void {
    const stopWanted = Promise.withResolvers<void>();
    this.#changed(task);
    const containersGone = this.#live(task, stopWanted.promise);
    this.#lives.set(task, { wantStop: stopWanted.resolve, containersGone });
  }

  /** Idempotent: the first reason stays. */
  stop(task: Task, stopCode: NonNullable<Task['stopCode']>, reason: string): void {
    if (task.desiredStatus === 'STOPPED') return;
    task.desiredStatus = 'STOPPED';
    task.stopCode = stopCode;
    task.stoppedReason = reason;
    task.moments.stoppingAt = this.#context.clock.now();
    this.#changed(task);
    this.#lives.get(task)?.wantStop();
  }

  /** Kills every container and gives up every place on the network. */
  async close(): Promise<void> {
    this.#stopSignal = 'SIGKILL';
    for (const task of this.#lives.keys()) {
      this.stop(task, 'UserInitiated', 'The emulated AWS was closed');
      for (const { process, lastStatus } of task.containers) if (lastStatus === 'RUNNING') process?.kill('SIGKILL');
    }
    await Promise.all([...this.#lives.values()].map(({ containersGone }) => containersGone));
  }

  /** Resolves once the containers have ended and the place on the network is free; the rest takes no more than time. */
  async #live(task: Task, stopWanted: Promise<void>): Promise<void> {
    const isAttached = await this.#start(task, stopWanted);
    await stopWanted;
    await this.#endContainers(task);
    this.#enter(task, 'DEPROVISIONING');
    if (isAttached) await this.#host.detach(task.id);
    this.#context.clock.after(this.#context.delays.deprovisioningMs, () => this.#end(task));
  }

  /** Goes as far towards RUNNING as it can; says whether the task has got its place on the network. */
  async #start(task: Task, stopWanted: Promise<void>): Promise<boolean> {
    const { delays, clock } = this.#context;
    const { networkInterface } = task;
    const admits = (connection: { readonly port: number; readonly sourceIp: string }) =>
      this.#ec2.groups.admits(networkInterface.groupIds, { protocol: 'tcp', ...connection });
    let publicIp: string;
    try {
      ({ publicIp } = await this.#host.attach({ taskId: task.id, admits }));
    } catch (cause) {
      this.stop(task, 'TaskFailedToStart', `ResourceInitializationError: ${messageOf(cause)}`);
      return false;
    }

    if (await this.#isStoppedWithin(delays.provisioningMs, stopWanted)) return true;
    task.attachmentStatus = 'CREATED';
    this.#enter(task, 'PENDING');

    if (await this.#isStoppedWithin(delays.pendingMs, stopWanted)) return true;
    task.attachmentStatus = 'ATTACHED';
    task.moments.connectivityAt = clock.now();
    task.moments.pullStartedAt = clock.now();
    if (task.assignPublicIp) networkInterface.publicIp = publicIp;
    this.#enter(task, 'ACTIVATING');

    if (await this.#isStoppedWithin(delays.pullingMs, stopWanted)) return true;
    task.moments.pullStoppedAt = clock.now();
    if ((await this.#startContainers(task, stopWanted)) && task.desiredStatus === 'RUNNING') {
      task.moments.startedAt = clock.now();
      this.#enter(task, 'RUNNING');
    }
    return true;
  }

  /** Starts every container as soon as it may; false when one can not be started, or the task is to stop. */
  async #startContainers(task: Task, stopWanted: Promise<void>): Promise<boolean> {
    const starts = new Map<string, Promise<boolean>>();
    for (const { name, dependsOn = [] } of startOrder(task.definition.containerDefinitions)) {
      const container = containerNamed(task, name);
      const mayStart = dependsOn.map(async ({ containerName, condition }) => {
        if (!(await starts.get(containerName))) return false;
        return condition === 'START' || this.#succeeds(containerNamed(task, containerName), stopWanted);
      });
      const start = async () => {
        if ((await Promise.all(mayStart)).every(Boolean)) return this.#startContainer(task, container);
        return this.#giveUp(task, container);
      };
      starts.set(name, start());
    }
    return (await Promise.all(starts.values())).every(Boolean);
  }

  async #succeeds({ process }: TaskContainer, stopWanted: Promise<void>): Promise<boolean> {
    return (await Promise.race([process?.exited, stopWanted])) === 0;
  }

  /**
   * What waits for the success of a container that fails counts as one that has ended, and the task goes on without it.
   * https://github.com/aws/amazon-ecs-agent/pull/3218
   */
  #giveUp(task: Task, container: TaskContainer): boolean {
    if (task.desiredStatus === 'STOPPED') return false;
    container.lastStatus = 'STOPPED';
    container.exitCode = 143;
    container.reason = 'CannotStartContainerError: dependency graph: failed to resolve container ordering dependency';
    return true;
  }

  async #startContainer(task: Task, container: TaskContainer): Promise<boolean> {
    if (task.desiredStatus === 'STOPPED') return false;
    const { definition, environment, command } = container;
    try {
      container.process = await this.#host.start({
        taskId: task.id,
        name: definition.name,
        image: definition.image,
        environment,
        ...(definition.entryPoint === undefined ? {} : { entryPoint: definition.entryPoint }),
        ...(command === undefined ? {} : { command }),
      });
    } catch (cause) {
      container.lastStatus = 'STOPPED';
      container.reason = `CannotStartContainerError: ${messageOf(cause)}`;
      this.stop(task, 'TaskFailedToStart', container.reason);
      return false;
    }
    container.lastStatus = 'RUNNING';
    container.process.exited.then((exitCode) => this.#onExit(task, container, exitCode));
    return true;
  }

  #onExit(task: Task, container: TaskContainer, exitCode: number): void {
    container.untold = exitCode;
    if (container.definition.essential ?? true) {
      tellExits(task);
      this.#changed(task);
      this.stop(task, 'EssentialContainerExited', 'Essential container in task exited');
      return;
    }
    this.#context.clock.after(this.#context.delays.reportingMs, () => {
      if (tellExits(task)) this.#changed(task);
    });
  }

  async #endContainers(task: Task): Promise<void> {
    const started = task.containers.filter(({ process }) => process !== undefined);
    if (started.length === 0) return;
    this.#enter(task, 'DEACTIVATING');
    this.#enter(task, 'STOPPING');
    await Promise.all(
      started.map(async ({ process, definition, lastStatus }) => {
        if (lastStatus === 'RUNNING') process?.kill(this.#stopSignal);
        const stopTimeoutMs = (definition.stopTimeout ?? defaultStopTimeoutSeconds) * 1000;
        const cancel = this.#context.clock.after(stopTimeoutMs, () => process?.kill('SIGKILL'));
        await process?.exited;
        cancel();
      }),
    );
    task.moments.executionStoppedAt = this.#context.clock.now();
  }

  #end(task: Task): void {
    this.#ec2.interfaces.remove(task.networkInterface.id);
    this.#lives.delete(task);
    task.attachmentStatus = 'DELETED';
    task.moments.stoppedAt = this.#context.clock.now();
    for (const container of task.containers) container.lastStatus = 'STOPPED';
    this.#enter(task, 'STOPPED');
  }

  #enter(task: Task, status: TaskStatus): void {
    tellExits(task);
    task.lastStatus = status;
    this.#changed(task);
  }

  #changed(task: Task): void {
    task.version += 1;
    this.#onChange(task);
  }

  /** True as soon as a stop is wanted, false when `milliseconds` have passed without one. */
  #isStoppedWithin(milliseconds: number, stopWanted: Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#context.clock.after(milliseconds, () => resolve(false));
      stopWanted.then(() => {
        cancel();
        resolve(true);
      });
    });
  }
}

interface Life {
  readonly wantStop: () => void;
  readonly containersGone: Promise<void>;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
