import type { ContainerHost } from '../container-host.ts';
import type { Context } from '../context.ts';
import type { Ec2 } from '../ec2/ec2.ts';
import { startOrder } from './definitions.ts';
import { containerNamed, containerStart, reportExits, type Task, type TaskContainer, type TaskStatus } from './task.ts';

/** The default of `stopTimeout`. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
const defaultStopTimeoutSeconds = 30;

/**
 * Takes tasks from PROVISIONING to STOPPED:
 *
 *   PROVISIONING -> PENDING -> ACTIVATING -> RUNNING -> DEACTIVATING -> STOPPING -> DEPROVISIONING -> STOPPED
 *
 * A task that is stopped before it runs goes straight to DEPROVISIONING, or to DEACTIVATING if a container has started. Its
 * network interface exists until the end of DEPROVISIONING, and keeps its security groups in use.
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

  /** Starts a new task. */
  begin(task: Task): void {
    const stopRequested = Promise.withResolvers<void>();
    this.#changed(task);
    const containersEnded = this.#live(task, stopRequested.promise);
    this.#lives.set(task, { requestStop: stopRequested.resolve, containersEnded });
  }

  /** Stops a task. The first call decides the reason, and later calls have no effect. */
  stop(task: Task, stopCode: NonNullable<Task['stopCode']>, reason: string): void {
    if (task.desiredStatus === 'STOPPED') return;
    task.desiredStatus = 'STOPPED';
    task.stopCode = stopCode;
    task.stoppedReason = reason;
    task.moments.stoppingAt = this.#context.clock.now();
    this.#changed(task);
    this.#lives.get(task)?.requestStop();
  }

  /** Kills every container and frees every place on the network. */
  async close(): Promise<void> {
    this.#stopSignal = 'SIGKILL';
    for (const task of this.#lives.keys()) {
      this.stop(task, 'UserInitiated', 'The emulated AWS was closed');
      for (const { process, lastStatus } of task.containers) if (lastStatus === 'RUNNING') process?.kill('SIGKILL');
    }
    await Promise.all([...this.#lives.values()].map(({ containersEnded }) => containersEnded));
  }

  /** Resolves once the containers have ended and the place on the network is free. After that only time passes. */
  async #live(task: Task, stopRequested: Promise<void>): Promise<void> {
    const isAttached = await this.#start(task, stopRequested);
    await stopRequested;
    await this.#endContainers(task);
    this.#enter(task, 'DEPROVISIONING');
    if (isAttached) await this.#host.detach(task.id);
    this.#context.clock.after(this.#context.delays.deprovisioningMs, () => this.#end(task));
  }

  /** Takes a task towards RUNNING until it is stopped. Says whether the task has a place on the network. */
  async #start(task: Task, stopRequested: Promise<void>): Promise<boolean> {
    const { delays, clock } = this.#context;
    const { networkInterface } = task;
    const allows = (connection: { readonly port: number; readonly sourceIp: string }) =>
      this.#ec2.groups.allows(networkInterface.groupIds, { protocol: 'tcp', ...connection });
    let publicIp: string;
    try {
      ({ publicIp } = await this.#host.attach({ taskId: task.id, allows }));
    } catch (cause) {
      this.stop(task, 'TaskFailedToStart', `ResourceInitializationError: ${messageOf(cause)}`);
      return false;
    }

    if (await this.#isStoppedWithin(delays.provisioningMs, stopRequested)) return true;
    task.attachmentStatus = 'CREATED';
    this.#enter(task, 'PENDING');

    if (await this.#isStoppedWithin(delays.pendingMs, stopRequested)) return true;
    task.attachmentStatus = 'ATTACHED';
    task.moments.connectivityAt = clock.now();
    task.moments.pullStartedAt = clock.now();
    if (task.assignPublicIp) networkInterface.publicIp = publicIp;
    this.#enter(task, 'ACTIVATING');

    if (await this.#isStoppedWithin(delays.pullingMs, stopRequested)) return true;
    task.moments.pullStoppedAt = clock.now();
    if ((await this.#startContainers(task, stopRequested)) && task.desiredStatus === 'RUNNING') {
      task.moments.startedAt = clock.now();
      this.#enter(task, 'RUNNING');
    }
    return true;
  }

  /** Starts every container once its dependencies allow it. Returns false if one cannot start, or if the task is stopped. */
  async #startContainers(task: Task, stopRequested: Promise<void>): Promise<boolean> {
    const starts = new Map<string, Promise<boolean>>();
    for (const { name, dependsOn = [] } of startOrder(task.definition.containerDefinitions)) {
      const container = containerNamed(task, name);
      const dependencies = dependsOn.map(async ({ containerName, condition }) => {
        if (!(await starts.get(containerName))) return false;
        return condition === 'START' || this.#succeeds(containerNamed(task, containerName), stopRequested);
      });
      const start = async () => {
        if ((await Promise.all(dependencies)).every(Boolean)) return this.#startContainer(task, container);
        return this.#giveUp(task, container);
      };
      starts.set(name, start());
    }
    return (await Promise.all(starts.values())).every(Boolean);
  }

  async #succeeds({ process }: TaskContainer, stopRequested: Promise<void>): Promise<boolean> {
    return (await Promise.race([process?.exited, stopRequested])) === 0;
  }

  /**
   * Counts a container as ended if it waits for the success of one that fails. The task goes on without it.
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
    try {
      container.process = await this.#host.start(containerStart(task, container));
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
    container.unreportedExitCode = exitCode;
    if (container.definition.essential ?? true) {
      reportExits(task);
      this.#changed(task);
      this.stop(task, 'EssentialContainerExited', 'Essential container in task exited');
      return;
    }
    this.#context.clock.after(this.#context.delays.reportingMs, () => {
      if (reportExits(task)) this.#changed(task);
    });
  }

  async #endContainers(task: Task): Promise<void> {
    const startedContainers = task.containers.filter(({ process }) => process !== undefined);
    if (startedContainers.length === 0) return;
    this.#enter(task, 'DEACTIVATING');
    this.#enter(task, 'STOPPING');
    await Promise.all(
      startedContainers.map(async ({ process, definition, lastStatus }) => {
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
    reportExits(task);
    task.lastStatus = status;
    this.#changed(task);
  }

  #changed(task: Task): void {
    task.version += 1;
    this.#onChange(task);
  }

  /** Resolves to true as soon as the task is stopped, or to false after so many milliseconds. */
  #isStoppedWithin(milliseconds: number, stopRequested: Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#context.clock.after(milliseconds, () => resolve(false));
      stopRequested.then(() => {
        cancel();
        resolve(true);
      });
    });
  }
}

interface Life {
  readonly requestStop: () => void;
  readonly containersEnded: Promise<void>;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
