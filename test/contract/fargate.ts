import { DescribeNetworkInterfacesCommand, type NetworkInterface } from '@aws-sdk/client-ec2';
import {
  DescribeTasksCommand,
  ListTasksCommand,
  type ListTasksCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import type { Account } from './account.ts';
import { eventually } from './check.ts';
import { newGroup } from './security-group.ts';

/** Makes a VPC with a security group, and a cluster with a task definition to run there. */
export async function fargate(account: Account) {
  const { ecs, ec2 } = account;
  const [network, cluster, taskDefinition] = await Promise.all([
    account.network(),
    account.cluster(),
    account.taskDefinition(),
  ]);
  const group = await newGroup(account, network.vpcId);
  const request = {
    cluster,
    taskDefinition,
    launchType: 'FARGATE' as const,
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [network.subnetId],
        securityGroups: [group],
        assignPublicIp: 'ENABLED' as const,
      },
    },
  };
  const run = (difference: Partial<RunTaskCommandInput> = {}) =>
    ecs.send(new RunTaskCommand({ ...request, ...difference }));
  /** Runs a task and returns its ARN. */
  const start = async (difference?: Partial<RunTaskCommandInput>) => {
    const { tasks: [task] = [] } = await run(difference);
    return task?.taskArn ?? 'none';
  };
  const describe = async (task: string, include: 'TAGS'[] = []): Promise<Task | undefined> =>
    (await ecs.send(new DescribeTasksCommand({ cluster, tasks: [task], include }))).tasks?.[0];
  const reach = (task: string, status: 'RUNNING' | 'STOPPED') =>
    eventually(
      () => describe(task),
      (shown) => shown?.lastStatus === status,
    );
  const stop = async (task: string, reason?: string) =>
    (await ecs.send(new StopTaskCommand({ cluster, task, ...(reason !== undefined && { reason }) }))).task;
  const list = async (filter: Partial<ListTasksCommandInput> = {}) =>
    (await ecs.send(new ListTasksCommand({ cluster, ...filter }))).taskArns ?? [];
  const interfaces = async (): Promise<NetworkInterface[]> => {
    const Filters = [{ Name: 'group-id', Values: [group] }];
    return (await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))).NetworkInterfaces ?? [];
  };
  return { ...network, cluster, taskDefinition, group, request, run, start, describe, reach, stop, list, interfaces };
}

/** The id of no task. */
export const unknownTask = 'f'.repeat(32);

/** Returns a detail of the task's network interface, as the task shows it. */
export function attachmentDetail(task: Task | undefined, name: string): string | undefined {
  return task?.attachments?.[0]?.details?.find((detail) => detail.name === name)?.value;
}
