/** The tasks of sessions. */
import { DescribeNetworkInterfacesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import {
  type Task as AwsTask,
  DescribeTasksCommand,
  type ECSClient,
  paginateListTasks,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { tags } from '../../../contracts/account.ts';
import { AwsUnavailable } from '../../core/session/errors.ts';
import type { Task, Tasks } from '../../core/session/ports.ts';
import { detailOf, hasEndedIdle } from '../../core/session/task-detail.ts';
import { failedTo, isNamed, pagesOf, toDomainError } from '../errors.ts';

export interface TaskClients {
  readonly ecs: ECSClient;
  readonly ec2: EC2Client;
}

export class EcsTasks implements Tasks {
  readonly #ecs: ECSClient;
  readonly #ec2: EC2Client;
  readonly #cluster: string;

  constructor({ ecs, ec2 }: TaskClients, cluster: string) {
    this.#ecs = ecs;
    this.#ec2 = ec2;
    this.#cluster = cluster;
  }

  async findRunning(sessionId: string): Promise<readonly string[]> {
    const arns: string[] = [];
    // startedBy must be the only filter: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
    const pages = paginateListTasks({ client: this.#ecs }, { cluster: this.#cluster, startedBy: sessionId });
    for await (const { taskArns = [] } of pagesOf(pages, 'list the tasks')) arns.push(...taskArns);
    return arns;
  }

  async describe(arn: string): Promise<Task> {
    const task = (await this.describeAll([arn])).get(arn);
    if (task) return task;
    throw new AwsUnavailable(`AWS could not ${describing} right now: it said nothing about ${arn}.`);
  }

  /** Describes at most 100 tasks. One that ECS says nothing about is not among them. */
  protected async describeAll(arns: readonly string[]): Promise<ReadonlyMap<string, Task>> {
    const command = new DescribeTasksCommand({ cluster: this.#cluster, tasks: [...arns], include: ['TAGS'] });
    const { tasks = [], failures = [] } = await this.#ecs.send(command).catch(failedTo(describing));
    const missing = failures.flatMap(({ arn, reason }) => (arn !== undefined && reason === 'MISSING' ? arn : []));
    return new Map([
      ...missing.map((arn) => [arn, { arn, phase: 'missing', isKept: false, isIdle: false }] as const),
      ...tasks.flatMap((task) =>
        task.taskArn === undefined ? [] : [[task.taskArn, toTask(task.taskArn, task)] as const],
      ),
    ]);
  }

  async stop(arn: string, reason: string): Promise<void> {
    try {
      await this.#ecs.send(new StopTaskCommand({ cluster: this.#cluster, task: arn, reason }));
    } catch (error) {
      const isForgotten = isNamed(error, 'InvalidParameterException') && /not found/i.test(String(error));
      if (!isForgotten) throw toDomainError(error, 'stop the task');
    }
  }

  async publicAddress(networkInterfaceId: string): Promise<string | undefined> {
    const command = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [networkInterfaceId] });
    try {
      const { NetworkInterfaces = [] } = await this.#ec2.send(command);
      return NetworkInterfaces[0]?.Association?.PublicIp;
    } catch (error) {
      if (isNamed(error, 'InvalidNetworkInterfaceID.NotFound')) return undefined;
      throw toDomainError(error, 'describe the network interface');
    }
  }
}

const describing = 'describe the tasks';

function toTask(arn: string, task: AwsTask): Task {
  const details = task.attachments?.flatMap((attachment) => attachment.details ?? []) ?? [];
  const networkInterfaceId = details.find(({ name }) => name === 'networkInterfaceId')?.value;
  const detail = detailOf(task);
  return {
    arn,
    phase: phaseOf(task),
    isKept: task.tags?.some(({ key }) => key === tags.keep) ?? false,
    isIdle: hasEndedIdle(task),
    ...(networkInterfaceId !== undefined && { networkInterfaceId }),
    ...(task.startedBy !== undefined && { sessionId: task.startedBy }),
    ...(detail !== undefined && { detail }),
  };
}

function phaseOf(task: AwsTask): Task['phase'] {
  if (task.lastStatus === 'STOPPED') return 'stopped';
  return task.desiredStatus === 'STOPPED' ? 'stopping' : 'live';
}
