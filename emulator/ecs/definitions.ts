import { arn, type Context } from '../context.ts';
import { AwsError } from '../wire.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html */
export interface Dependency {
  readonly containerName: string;
  readonly condition: (typeof dependencyConditions)[number];
}

export const dependencyConditions = ['START', 'SUCCESS'] as const;

/** As in RegisterTaskDefinition; only what the emulation acts on or shows. */
export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  /** Default true: its end ends the task. */
  readonly essential?: boolean;
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
  /** Containers that must have started, or ended with 0, before this one starts. */
  readonly dependsOn?: readonly Dependency[];
  /** Seconds between SIGTERM and SIGKILL, default 30. */
  readonly stopTimeout?: number;
}

export interface TaskDefinition {
  readonly family: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly taskRoleArn?: string;
  readonly executionRoleArn?: string;
  readonly containerDefinitions: readonly ContainerDefinition[];
}

export interface RegisteredTaskDefinition extends TaskDefinition {
  readonly arn: string;
  readonly revision: number;
}

export interface Cluster {
  readonly name: string;
  readonly arn: string;
}

/** Clusters and task definitions: what a deployment has made before the first call. */
export class Definitions {
  readonly #context: Context;
  readonly #clusters = new Map<string, Cluster>();
  readonly #taskDefinitions: RegisteredTaskDefinition[] = [];

  constructor(context: Context) {
    this.#context = context;
  }

  registerCluster(name: string): Cluster {
    const cluster = { name, arn: arn(this.#context, 'ecs', `cluster/${name}`) };
    this.#clusters.set(name, cluster);
    return cluster;
  }

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

  /** By name or ARN; without either, the cluster named `default`. Throws ClusterNotFoundException. */
  cluster(reference: string = 'default'): Cluster {
    const cluster = this.findCluster(reference);
    if (cluster === undefined) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    return cluster;
  }

  findCluster(reference: string): Cluster | undefined {
    const byName = this.#clusters.get(reference.replace(/^arn:.*:cluster\//, ''));
    return byName !== undefined && [byName.name, byName.arn].includes(reference) ? byName : undefined;
  }

  allClusters(): readonly Cluster[] {
    return [...this.#clusters.values()];
  }

  /** By family (its latest revision), `family:revision` or ARN. */
  findTaskDefinition(reference: string): RegisteredTaskDefinition | undefined {
    const name = reference.replace(/^arn:.*:task-definition\//, '');
    return this.#taskDefinitions.findLast(
      ({ family, revision, arn }) => [arn, `${family}:${revision}`].includes(reference) || family === name,
    );
  }

  allTaskDefinitions(): readonly RegisteredTaskDefinition[] {
    return this.#taskDefinitions;
  }
}

/** The containers, each after those it depends on. */
export function startOrder(containers: readonly ContainerDefinition[]): readonly ContainerDefinition[] {
  const ordered: ContainerDefinition[] = [];
  while (ordered.length < containers.length) {
    const next = containers.find(
      (container) =>
        !ordered.includes(container) &&
        (container.dependsOn ?? []).every(({ containerName }) => ordered.some(({ name }) => name === containerName)),
    );
    if (next === undefined) {
      const stuck = containers.filter((container) => !ordered.includes(container)).map(({ name }) => name);
      throw new AwsError(
        'ClientException',
        `Containers ${stuck.join(', ')} depend on each other or on a container that is not in the task definition.`,
      );
    }
    ordered.push(next);
  }
  return ordered;
}
