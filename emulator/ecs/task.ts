import type { ContainerStart, RunningContainer } from '../container-host.ts';
import type { NetworkInterface } from '../ec2/network-interfaces.ts';
import type { Cluster, ContainerDefinition, RegisteredTaskDefinition } from './definitions.ts';

/** The states of a task. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html */
export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED';

/** The moments in a task's life, as ECS names them. */
type TaskMoment =
  | 'connectivityAt'
  | 'pullStartedAt'
  | 'pullStoppedAt'
  | 'startedAt'
  | 'stoppingAt'
  | 'executionStoppedAt'
  | 'stoppedAt';

/** A container of a task. */
export interface TaskContainer {
  readonly definition: ContainerDefinition;
  readonly runtimeId: string;
  readonly arn: string;
  /** The variables of the definition, of the overrides and of ECS itself. */
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[] | undefined;
  /** The status that ECS shows. A container may have ended without a report to ECS. */
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  exitCode?: number;
  reason?: string;
  /** The exit code of a container that has ended, until it is reported to ECS. */
  unreportedExitCode?: number | undefined;
  process?: RunningContainer;
}

/** A task on Fargate. */
export interface Task {
  readonly id: string;
  readonly arn: string;
  readonly cluster: Cluster;
  readonly definition: RegisteredTaskDefinition;
  readonly group: string;
  readonly startedBy: string | undefined;
  /** The overrides as the caller sent them. */
  readonly overrides: unknown;
  readonly launchType: string;
  readonly capacityProviderName: string | undefined;
  readonly enableExecuteCommand: boolean;
  readonly attachmentId: string;
  readonly networkInterface: NetworkInterface;
  readonly assignPublicIp: boolean;
  readonly containers: readonly TaskContainer[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** The moments so far, in epoch milliseconds. */
  readonly moments: Partial<Record<TaskMoment, number>>;
  tags: readonly { readonly key: string; readonly value: string }[];
  attachmentStatus: 'PRECREATED' | 'CREATED' | 'ATTACHED' | 'DELETED';
  lastStatus: TaskStatus;
  desiredStatus: 'RUNNING' | 'STOPPED';
  stopCode?: 'TaskFailedToStart' | 'EssentialContainerExited' | 'UserInitiated';
  stoppedReason?: string;
  /** A counter of the task's changes. */
  version: number;
}

/** Finds a container of the task by its name. Throws if the task has no such container. */
export function containerNamed({ containers }: Task, name: string): TaskContainer {
  const container = containers.find(({ definition }) => definition.name === name);
  if (container === undefined)
    throw new Error(
      `Got the container ${name}, expected one of ${containers.map(({ definition }) => definition.name).join(', ')}.`,
    );
  return container;
}

/** Returns the request that starts a container of the task. */
export function containerStart(task: Task, { definition, environment, command }: TaskContainer): ContainerStart {
  const { essential, dependsOn, stopTimeout, ...properties } = definition;
  const { cpu, memory } = task.definition;
  return {
    ...properties,
    taskId: task.id,
    environment,
    ...(command === undefined ? {} : { command }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
  };
}

/** Reports the containers that have ended to ECS. Says whether it has reported one. */
export function reportExits({ containers }: Task): boolean {
  let hasNews = false;
  for (const container of containers) {
    if (container.unreportedExitCode === undefined) continue;
    container.lastStatus = 'STOPPED';
    container.exitCode = container.unreportedExitCode;
    container.unreportedExitCode = undefined;
    hasNews = true;
  }
  return hasNews;
}

/** Returns the task as RunTask, DescribeTasks and StopTask show it, with times in epoch seconds. */
export function describeTask(task: Task, { withTags }: { readonly withTags: boolean }): object {
  return { ...view(task, 'ElasticNetworkInterface', (ms) => ms / 1000), tags: withTags ? task.tags : [] };
}

/**
 * Returns the `detail` of an "ECS Task State Change" event. It has times as text, a short type of the interface, and no tags.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 */
export function taskEventDetail(task: Task, at: number): object {
  const time = (ms: number) => new Date(ms).toISOString();
  return { ...view(task, 'eni', time), updatedAt: time(at) };
}

function view(task: Task, attachmentType: string, time: (epochMs: number) => number | string): object {
  const { definition, networkInterface } = task;
  return {
    attachments: [
      {
        id: task.attachmentId,
        type: attachmentType,
        status: task.attachmentStatus,
        details: attachmentDetails(task),
      },
    ],
    attributes: [],
    availabilityZone: networkInterface.subnet.availabilityZone,
    capacityProviderName: task.capacityProviderName,
    clusterArn: task.cluster.arn,
    ...(task.moments.connectivityAt === undefined ? {} : { connectivity: 'CONNECTED' }),
    containers: task.containers.map((container) => containerView(task, container)),
    cpu: definition.cpu,
    createdAt: time(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: task.enableExecuteCommand,
    group: task.group,
    healthStatus: 'UNKNOWN',
    lastStatus: task.lastStatus,
    launchType: task.launchType,
    memory: definition.memory,
    overrides: task.overrides,
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    startedBy: task.startedBy,
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    taskArn: task.arn,
    taskDefinitionArn: definition.arn,
    version: task.version,
    ...Object.fromEntries(Object.entries(task.moments).map(([moment, ms]) => [moment, time(ms)])),
  };
}

/** Returns the details of the interface. Until it exists, ECS shows only the subnet. */
function attachmentDetails({ attachmentStatus, networkInterface }: Task): object[] {
  const { id, subnet, macAddress, privateIp } = networkInterface;
  const details =
    attachmentStatus === 'PRECREATED'
      ? { subnetId: subnet.subnetId }
      : { subnetId: subnet.subnetId, networkInterfaceId: id, macAddress, privateIPv4Address: privateIp };
  return Object.entries(details).map(([name, value]) => ({ name, value }));
}

function containerView(task: Task, container: TaskContainer): object {
  return {
    containerArn: container.arn,
    taskArn: task.arn,
    name: container.definition.name,
    image: container.definition.image,
    runtimeId: container.lastStatus === 'PENDING' ? undefined : container.runtimeId,
    lastStatus: container.lastStatus,
    exitCode: container.exitCode,
    reason: container.reason,
    networkInterfaces:
      task.attachmentStatus === 'PRECREATED'
        ? []
        : [{ attachmentId: task.attachmentId, privateIpv4Address: task.networkInterface.privateIp }],
    healthStatus: 'UNKNOWN',
    cpu: '0',
  };
}
