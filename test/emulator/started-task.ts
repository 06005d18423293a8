import { DeleteSecurityGroupCommand, DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import { DescribeTasksCommand, RunTaskCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import type { AwsOptions } from '../../emulator/aws.ts';
import { cluster, emulated, subnetId } from './emulated.ts';

const family = (name: string, containerDefinitions: { name: string; image: string }[]) => ({
  family: name,
  containerDefinitions,
});

/** One task on its way, and the events that a function hears of it. */
export async function started({ taskDefinition, ...options }: Partial<AwsOptions> & { taskDefinition?: string } = {}) {
  const context = emulated(options);
  const events: { detail: Record<string, unknown> }[] = [];
  context.aws.lambda.registerFunction({
    name: 'listener',
    timeoutSeconds: 3,
    async invoke(event) {
      // The emulated EventBridge made this event; its shape is what the test is about.
      events.push(event as { detail: Record<string, unknown> });
    },
  });
  context.aws.events.putRule({
    name: 'tasks',
    pattern: { source: ['aws.ecs'], 'detail-type': ['ECS Task State Change'] },
    targets: ['listener'],
  });
  context.aws.ecs.registerTaskDefinition(family('missing', [{ name: 'ssh', image: 'missing' }]));
  context.aws.ecs.registerTaskDefinition(family('stubborn', [{ name: 'ssh', image: 'stubborn' }]));
  const groupId = await context.createGroup();
  const { tasks: [first] = [] } = await context.clock.run(
    context.ecs.send(
      new RunTaskCommand({
        cluster,
        taskDefinition: taskDefinition ?? context.taskDefinition,
        startedBy: 'session-1',
        networkConfiguration: {
          awsvpcConfiguration: { subnets: [subnetId], securityGroups: [groupId], assignPublicIp: 'ENABLED' },
        },
      }),
    ),
  );
  const task = first?.taskArn ?? '';
  const describe = async () => {
    const { tasks } = await context.clock.run(context.ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] })));
    return tasks?.[0];
  };
  const stop = async (reason?: string) =>
    context.clock.run(
      context.ecs.send(new StopTaskCommand({ cluster, task, ...(reason === undefined ? {} : { reason }) })),
    );
  const deleteGroup = () => context.ec2.send(new DeleteSecurityGroupCommand({ GroupId: groupId }));
  const interfaces = async () => {
    const Filters = [{ Name: 'group-id', Values: [groupId] }];
    return (
      (await context.clock.run(context.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))))
        .NetworkInterfaces ?? []
    );
  };
  return {
    ...context,
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
