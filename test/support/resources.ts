/** Makes tasks and security groups that belong to no session, and sweeps them. */
import { CreateSecurityGroupCommand } from '@aws-sdk/client-ec2';
import { RunTaskCommand } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import type { Deployment } from './deployment.ts';
import { minuteMs } from './time.ts';

/** The id of a session that has no row. */
export const ghost = (n = 1) => `0badcafe-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const stackTag = { 'bastion:stack': 'Bastions' };

type Place = Pick<Deployment, 'aws' | 'clock' | 'ec2' | 'ecs' | 'cluster' | 'stack'>;
type Tags = Readonly<Record<string, string>>;

/** Makes a security group in the stack's VPC. @returns its id */
export async function makeGroup({ clock, ec2, stack }: Place, GroupName: string, tags: Tags): Promise<string> {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const command = new CreateSecurityGroupCommand({
    GroupName,
    Description: 'made by hand',
    VpcId: stack.vpcs[0]?.vpcId,
    ...(list.length > 0 && { TagSpecifications: [{ ResourceType: 'security-group', Tags: list }] }),
  });
  return (await clock.run(ec2.send(command))).GroupId ?? '';
}

/** Runs a task in the stack's cluster. An agent without a handoff would end by itself, and this task runs on. @returns its ARN */
export async function runTask(
  { aws, clock, ecs, cluster, stack }: Place,
  startedBy: string,
  tags: Tags,
  groupId?: string,
) {
  const { arn: taskDefinition } = aws.ecs.registerTaskDefinition({
    family: 'by-hand',
    containerDefinitions: [{ name: 'by-hand', image: 'by-hand:1' }],
  });
  const command = new RunTaskCommand({
    cluster,
    taskDefinition,
    launchType: 'FARGATE',
    startedBy,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [stack.subnets[0]?.subnetId ?? ''],
        ...(groupId !== undefined && { securityGroups: [groupId] }),
      },
    },
  });
  const { tasks = [] } = await clock.run(ecs.send(command));
  return tasks[0]?.taskArn ?? '';
}

const answer = v.object({
  orphans: v.array(v.object({ resource: v.object({ id: v.string() }), session: v.string(), outcome: v.string() })),
});

/** Sweeps once. @returns each orphan's id and outcome */
export async function sweep(bastions: Deployment, dryRun = false): Promise<Record<string, string>> {
  const { payload, functionError } = await bastions.invoke('Sweeper', { dryRun });
  if (functionError) throw new Error(payload);
  return Object.fromEntries(
    v.parse(answer, JSON.parse(payload)).orphans.map(({ resource, outcome }) => [resource.id, outcome]),
  );
}

export async function sweepAgain(bastions: Deployment, afterMs = 10 * minuteMs): Promise<Record<string, string>> {
  await bastions.clock.advance(afterMs);
  return sweep(bastions);
}

export const groupIds = (bastions: Deployment) => bastions.aws.ec2.groups.all().map(({ id }) => id);
export const taskArns = async (bastions: Deployment) => (await bastions.tasksAlive()).map(({ taskArn }) => taskArn);
