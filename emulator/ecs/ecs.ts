import * as v from 'valibot';
import type { Context } from '../context.ts';
import { type Operations, operationMaker, page } from '../operation.ts';
import { AwsError, type WireRequest, type WireResponse } from '../wire.ts';
import { ClientTokens } from './client-tokens.ts';
import { definitionOperations } from './definition-operations.ts';
import { type Cluster, Definitions, type RegisteredTaskDefinition, type TaskDefinition } from './definitions.ts';
import type { EcsNeighbours } from './neighbours.ts';
import { newTasks, runTaskInput } from './run-task.ts';
import { describeTask, type Task } from './task.ts';
import { TaskLife } from './task-life.ts';
import { answerMetadata } from './task-metadata.ts';

/** The ECS of an account, whose tasks run on Fargate. */
export interface Ecs {
  readonly operations: Operations;
  /** Makes a cluster exist. */
  registerCluster(name: string): Cluster;
  /** Makes the next revision of the family exist. Throws an AwsError if its containers cannot start in any order. */
  registerTaskDefinition(definition: TaskDefinition): RegisteredTaskDefinition;
  /** Answers a container's request for the metadata of its task. Returns undefined for any other request. */
  answer(request: WireRequest): WireResponse | undefined;
  /** Kills every container. Resolves once all containers have ended. */
  close(): Promise<void>;
}

/** The time for which a STOPPED task is shown. ECS promises "at least one hour". */
const stoppedTasksShownMs = 3_600_000;

const listTasksInput = v.object({
  cluster: v.optional(v.string()),
  family: v.optional(v.string()),
  startedBy: v.optional(v.string()),
  launchType: v.optional(v.string()),
  desiredStatus: v.optional(v.picklist(['RUNNING', 'PENDING', 'STOPPED'])),
  maxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 100),
  nextToken: v.optional(v.string()),
});

const stopTaskInput = v.object({
  cluster: v.optional(v.string()),
  task: v.string(),
  reason: v.optional(v.string(), 'Task stopped by user'),
});

const describeTasksInput = v.object({
  cluster: v.optional(v.string()),
  tasks: v.optional(v.array(v.string()), []),
  include: v.optional(v.array(v.string()), []),
});

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html */
const tagResourceInput = v.object({
  resourceArn: v.string(),
  tags: v.pipe(
    v.array(v.object({ key: v.pipe(v.string(), v.maxLength(128)), value: v.pipe(v.string(), v.maxLength(256)) })),
    v.maxLength(50),
  ),
});

/** Makes the ECS of an account, without clusters. @param onChange is called at every change of a task's state */
export function createEcs(context: Context, neighbours: EcsNeighbours, onChange: (task: Task) => void): Ecs {
  const { clock } = context;
  const { ec2, credentials, host } = neighbours;
  const definitions = new Definitions(context);
  const tokens = new ClientTokens(clock);
  const tasks = new Map<string, Task>();
  const life = new TaskLife(context, ec2, host, (task) => {
    if (task.lastStatus === 'STOPPED') {
      credentials.end(task.id);
      clock.after(stoppedTasksShownMs, () => tasks.delete(task.id));
    }
    onChange(task);
  });
  const operation = operationMaker('InvalidParameterException');
  const isVisible = (task: Task) => clock.now() >= task.createdAt + context.delays.visibilityMs;

  /** Finds a visible task by its id or ARN. */
  const findTask = (cluster: Cluster, reference: string): Task | undefined => {
    const task = tasks.get(reference.split('/').at(-1) ?? '');
    const isMatch = task?.cluster === cluster && [task.id, task.arn].includes(reference);
    return isMatch && isVisible(task) ? task : undefined;
  };

  const operations: Operations = {
    RunTask: operation(runTaskInput, (input) => {
      const cluster = definitions.cluster(input.cluster);
      const launchedTasks = tokens.launch(cluster.arn, input, () => {
        const createdTasks = newTasks(context, neighbours, definitions, input);
        for (const task of createdTasks) {
          tasks.set(task.id, task);
          life.begin(task);
        }
        return createdTasks;
      });
      const answer = launchedTasks.map((task) => {
        const { arn: taskArn, lastStatus, desiredStatus } = task;
        // ECS answers a repeated token with only this much of a task that has stopped.
        return lastStatus === 'STOPPED'
          ? { taskArn, lastStatus, desiredStatus }
          : describeTask(task, { withTags: true });
      });
      return { tasks: answer, failures: [] };
    }),

    StopTask: operation(stopTaskInput, (input) => {
      const task = findTask(definitions.cluster(input.cluster), input.task);
      if (task === undefined) throw invalid('The referenced task was not found.');
      // StopTask deletes the tags of the task. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
      task.tags = [];
      life.stop(task, 'UserInitiated', input.reason);
      return { task: describeTask(task, { withTags: true }) };
    }),

    TagResource: operation(tagResourceInput, ({ resourceArn, tags }) => {
      const task = [...tasks.values()].find(({ arn }) => arn === resourceArn);
      if (task === undefined || !isVisible(task)) {
        throw new AwsError('ResourceNotFoundException', 'The specified task is not found.');
      }
      if (task.lastStatus === 'STOPPED')
        throw invalid('The specified task is stopped. Specify a running task and try again.');
      const isReplaced = (key: string | undefined) => tags.some((tag) => tag.key === key);
      task.tags = [...task.tags.filter(({ key }) => !isReplaced(key)), ...tags];
      return {};
    }),

    DescribeTasks: operation(describeTasksInput, (input) => {
      const cluster = definitions.cluster(input.cluster);
      if (input.tasks.length === 0) throw invalid('Tasks cannot be empty.');
      if (input.tasks.length > 100) throw invalid(`Tasks cannot be more than 100, got ${input.tasks.length}.`);
      const withTags = input.include.includes('TAGS');
      const lookups = input.tasks.map((reference) => ({ reference, task: findTask(cluster, reference) }));
      return {
        tasks: lookups.flatMap(({ task }) => (task === undefined ? [] : describeTask(task, { withTags }))),
        failures: lookups.flatMap(({ reference, task }) =>
          task === undefined ? { arn: taskArnOf(cluster, reference), reason: 'MISSING' } : [],
        ),
      };
    }),

    ListTasks: operation(listTasksInput, (input) => {
      const { startedBy, family, desiredStatus, launchType, maxResults: limit, nextToken: token } = input;
      if (startedBy !== undefined && [family, desiredStatus, launchType].some((filter) => filter !== undefined)) {
        throw invalid('Cannot specify other filters when startedBy is specified.');
      }
      const cluster = definitions.cluster(input.cluster);
      const matchingTasks = [...tasks.values()].filter(
        (task) =>
          task.cluster === cluster &&
          isVisible(task) &&
          task.desiredStatus === (desiredStatus ?? 'RUNNING') &&
          (startedBy === undefined || task.startedBy === startedBy) &&
          (family === undefined || task.definition.family === family) &&
          (launchType === undefined || task.launchType === launchType),
      );
      const invalidToken = () => invalid(`Invalid token: ${token}`);
      const { items, nextToken } = page(matchingTasks, ({ arn }) => arn, { limit, token, invalidToken });
      return { taskArns: items.map(({ arn }) => arn), nextToken };
    }),

    DescribeClusters: operation(v.object({ clusters: v.optional(v.array(v.string()), ['default']) }), (input) => {
      const lookups = input.clusters.map((reference) => ({ reference, cluster: definitions.findCluster(reference) }));
      return {
        clusters: lookups.flatMap(({ cluster }) => (cluster === undefined ? [] : describeCluster(cluster))),
        failures: lookups.flatMap(({ reference, cluster }) =>
          cluster === undefined ? { arn: clusterArnOf(reference), reason: 'MISSING' } : [],
        ),
      };
    }),

    ListClusters: operation(v.object({}), () => ({
      clusterArns: definitions.allClusters().map(({ arn }) => arn),
    })),

    ...definitionOperations(definitions, operation),
  };

  function describeCluster(cluster: Cluster): object {
    const inCluster = [...tasks.values()].filter((task) => task.cluster === cluster);
    const count = (status: string) => inCluster.filter(({ lastStatus }) => lastStatus === status).length;
    return {
      clusterArn: cluster.arn,
      clusterName: cluster.name,
      status: 'ACTIVE',
      runningTasksCount: count('RUNNING'),
      pendingTasksCount: count('PENDING'),
      activeServicesCount: 0,
      registeredContainerInstancesCount: 0,
    };
  }

  function taskArnOf(cluster: Cluster, reference: string): string {
    return reference.startsWith('arn:') ? reference : `${cluster.arn.replace(':cluster/', ':task/')}/${reference}`;
  }

  function clusterArnOf(reference: string): string {
    return reference.startsWith('arn:')
      ? reference
      : `arn:aws:ecs:${context.region}:${context.accountId}:cluster/${reference}`;
  }

  return {
    operations,
    answer: (request) =>
      answerMetadata(request, (runtimeId) => {
        const task = tasks.get(runtimeId.split('-')[0] ?? '');
        const isItsContainer = task?.containers.some((container) => container.runtimeId === runtimeId);
        return isItsContainer && task?.lastStatus !== 'STOPPED' ? task : undefined;
      }),
    registerCluster: (name) => definitions.registerCluster(name),
    registerTaskDefinition: (definition) => definitions.registerTaskDefinition(definition),
    close: () => life.close(),
  };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
