import { DeleteSecurityGroupCommand, DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import { DescribeTasksCommand, RunTaskCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import type { AwsOptions } from '../../emulator/aws.ts';
import { cluster, emulated, subnetId } from './emulated.ts';

const family = (name: string, containerDefinitions: { name: string; image: string }[]) => ({
  family: name,
  containerDefinitions,
});

/** Starts one task, and collects the events that a function gets about it. */
export async function startedTask({
  taskDefinition,
  ...options
}: Partial<AwsOptions> & { taskDefinition?: string } = {}) {
  const account = emulated(options);
  const events: { detail: Record<string, unknown> }[] = [];
  account.aws.lambda.registerFunction({
    name: 'listener',
    timeoutSeconds: 3,
    async invoke(event) {
      // The tests check the shape of this event.
      events.push(event as { detail: Record<string, unknown> });
    },
  });
  account.aws.events.putRule({
    name: 'tasks',
    pattern: { source: ['aws.ecs'], 'detail-type': ['ECS Task State Change'] },
    targets: [{ arn: 'listener' }],
  });
  account.aws.ecs.registerTaskDefinition(family('missing', [{ name: 'ssh', image: 'missing' }]));
  account.aws.ecs.registerTaskDefinition(family('stubborn', [{ name: 'ssh', image: 'stubborn' }]));
  const groupId = await account.createGroup();
  const { tasks: [first] = [] } = await account.clock.run(
    account.ecs.send(
      new RunTaskCommand({
        cluster,
        taskDefinition: taskDefinition ?? account.taskDefinition,
        startedBy: 'session-1',
        networkConfiguration: {
          awsvpcConfiguration: { subnets: [subnetId], securityGroups: [groupId], assignPublicIp: 'ENABLED' },
        },
      }),
    ),
  );
  const task = first?.taskArn ?? '';
  const describe = async () => {
    const { tasks } = await account.clock.run(account.ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] })));
    return tasks?.[0];
  };
  const stop = async (reason?: string) =>
    account.clock.run(
      account.ecs.send(new StopTaskCommand({ cluster, task, ...(reason === undefined ? {} : { reason }) })),
    );
  const deleteGroup = () => account.ec2.send(new DeleteSecurityGroupCommand({ GroupId: groupId }));
  const interfaces = async () => {
    const Filters = [{ Name: 'group-id', Values: [groupId] }];
    return (
      (await account.clock.run(account.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))))
        .NetworkInterfaces ?? []
    );
  };
  return {
    ...account,
    task,
    taskId: task.split('/').at(-1) ?? '',
    groupId,
    events,
    describe,
    stop,
    deleteGroup,
    interfaces,
  };
}
