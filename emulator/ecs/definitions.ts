import type { RuntimeProperties } from '../container-host.ts';
import { arn, type Context } from '../context.ts';
import { AwsError } from '../wire.ts';

/** A dependency of a container. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html */
export interface Dependency {
  readonly containerName: string;
  readonly condition: (typeof dependencyConditions)[number];
}

/** The emulated conditions of a dependency. */
export const dependencyConditions = ['START', 'SUCCESS'] as const;

/** The part of RegisterTaskDefinition's container definition that is emulated or shown. */
export interface ContainerDefinition extends RuntimeProperties {
  readonly name: string;
  readonly image: string;
  /** Says whether the end of the container ends the task. Default true. */
  readonly essential?: boolean;
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
  /** The containers that must have started, or ended with exit code 0, before this one starts. */
  readonly dependsOn?: readonly Dependency[];
  /** The seconds between SIGTERM and SIGKILL. Default 30. */
  readonly stopTimeout?: number;
}

/** The part of RegisterTaskDefinition's request that is emulated or shown. */
export interface TaskDefinition {
  readonly family: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly taskRoleArn?: string;
  readonly executionRoleArn?: string;
  readonly containerDefinitions: readonly ContainerDefinition[];
}

/** One revision of a family. */
export interface RegisteredTaskDefinition extends TaskDefinition {
  readonly arn: string;
  readonly revision: number;
}

/** A cluster of ECS. */
export interface Cluster {
  readonly name: string;
  readonly arn: string;
}

/** The clusters and task definitions of the account. */
export class Definitions {
  readonly #context: Context;
  readonly #clusters = new Map<string, Cluster>();
  readonly #taskDefinitions: RegisteredTaskDefinition[] = [];

  constructor(context: Context) {
    this.#context = context;
  }

  /** Makes a cluster. */
  registerCluster(name: string): Cluster {
    const cluster = { name, arn: arn(this.#context, 'ecs', `cluster/${name}`) };
    this.#clusters.set(name, cluster);
    return cluster;
  }

  /** Registers the next revision of the family. Throws ClientException if its containers cannot start in any order. */
  registerTaskDefinition(definition: TaskDefinition): RegisteredTaskDefinition {
    const revision = this.#taskDefinitions.filter(({ family }) => family === definition.family).length + 1;
    const registered = {
      ...definition,
      revision,
      arn: arn(this.#context, 'ecs', `task-definition/${definition.family}:${revision}`),
    };
    startOrder(definition.containerDefinitions);
    this.#taskDefinitions.push(registered);
    return registered;
  }

  /** Finds a cluster by its name or ARN. Throws ClusterNotFoundException. */
  cluster(reference: string = 'default'): Cluster {
    const cluster = this.findCluster(reference);
    if (cluster === undefined) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    return cluster;
  }

  /** Finds a cluster by its name or ARN, or returns undefined. */
  findCluster(reference: string): Cluster | undefined {
    const byName = this.#clusters.get(reference.replace(/^arn:.*:cluster\//, ''));
    return byName !== undefined && [byName.name, byName.arn].includes(reference) ? byName : undefined;
  }

  /** Returns every cluster. */
  allClusters(): readonly Cluster[] {
    return [...this.#clusters.values()];
  }

  /** Finds a task definition by its ARN, by `family:revision`, or by its family for the latest revision. */
  findTaskDefinition(reference: string): RegisteredTaskDefinition | undefined {
    const name = reference.replace(/^arn:.*:task-definition\//, '');
    return this.#taskDefinitions.findLast(
      ({ family, revision, arn }) => [arn, `${family}:${revision}`].includes(reference) || family === name,
    );
  }

  /** Returns every revision of every family. */
  allTaskDefinitions(): readonly RegisteredTaskDefinition[] {
    return this.#taskDefinitions;
  }
}

/** Returns the containers, each after the containers on which it depends. Throws ClientException if no such order exists. */
export function startOrder(containers: readonly ContainerDefinition[]): readonly ContainerDefinition[] {
  const order: ContainerDefinition[] = [];
  while (order.length < containers.length) {
    const next = containers.find(
      (container) =>
        !order.includes(container) &&
        (container.dependsOn ?? []).every(({ containerName }) => order.some(({ name }) => name === containerName)),
    );
    if (next === undefined) {
      const unorderedNames = containers.filter((container) => !order.includes(container)).map(({ name }) => name);
      throw new AwsError(
        'ClientException',
        `Containers ${unorderedNames.join(', ')} depend on each other or on a container that is not in the task definition.`,
      );
    }
    order.push(next);
  }
  return order;
}
