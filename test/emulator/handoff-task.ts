import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { agentKinds, handoff, taskEnv } from '../../contracts/agent.ts';
import type { AwsOptions, EmulatedAws } from '../../emulator/aws.ts';
import { inProcess } from '../../emulator/in-process.ts';
import type { TaskCredentials } from '../support/webhook-agent.ts';
import { cluster, roleArn, withGroup } from './emulated.ts';

export const roleId = 'AROAEXAMPLEEXAMPLE000';
export const handoffTable = 'handoff';

/** Makes a table of handoffs, and the role that allows each task its own item. */
export async function makeHandoffs(aws: EmulatedAws): Promise<void> {
  aws.iam.putRole({
    name: 'handoff',
    id: roleId,
    policies: [
      {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: ['dynamodb:GetItem', 'dynamodb:DeleteItem'],
          Resource: `arn:aws:dynamodb:${aws.region}:${aws.accountId}:table/${handoffTable}`,
          Condition: {
            // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM's policy language
            'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['${aws:userid}'] },
            Null: { 'dynamodb:LeadingKeys': 'false' },
          },
        },
      },
    ],
  });
  aws.dynamodb.createTable({
    TableName: handoffTable,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: handoff.key, KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: handoff.key, AttributeType: 'S' }],
  });
}

/** Starts a task with that role. Its only container, `name`, has just started. One that is named as an agent acts as one. */
export async function taskWithRole(name: string, options: Partial<AwsOptions> = {}) {
  const account = await withGroup(options);
  const { aws, clock, containers, ecs, dynamodb } = account;
  containers.connect(aws);
  await clock.run(makeHandoffs(aws));
  const isAgent = agentKinds.some((kind) => kind === name);
  const variables = [
    { name: taskEnv.handoffTable, value: handoffTable },
    { name: taskEnv.handoffRoleId, value: roleId },
  ];
  const taskDefinition = aws.ecs.registerTaskDefinition({
    family: 'agent',
    taskRoleArn: roleArn('handoff'),
    containerDefinitions: [{ name, image: 'agent:1', ...(isAgent && { environment: variables }) }],
  }).arn;

  async function start() {
    const task = await account.run({ taskDefinition });
    await clock.advance(2000);
    const taskId = task.split('/').at(-1) ?? '';
    const container = containers.running().find((one) => one.taskId === taskId);
    const key = `${roleId}:${taskId}`;
    return {
      task,
      taskId,
      key,
      environment: container?.environment ?? {},
      stop: () => clock.run(ecs.send(new StopTaskCommand({ cluster, task }))),
      describe: async () => {
        const { tasks } = await clock.run(ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] })));
        return tasks?.[0];
      },
      handOver: (values: Readonly<Record<string, string>>) => {
        const M = Object.fromEntries(Object.entries(values).map(([variable, S]) => [variable, { S }]));
        const Item = { [handoff.key]: { S: key }, [handoff.id]: { S: 'start' }, [handoff.values]: { M } };
        return clock.run(dynamodb.send(new PutItemCommand({ TableName: handoffTable, Item })));
      },
      item: async () => {
        const Key = { [handoff.key]: { S: key } };
        return (await clock.run(dynamodb.send(new GetItemCommand({ TableName: handoffTable, Key })))).Item;
      },
    };
  }

  return {
    ...account,
    ...(await start()),
    start,
    /** Makes a DynamoDB client with the credentials of a task. */
    dynamodbAs: (credentials: TaskCredentials) =>
      new DynamoDBClient(inProcess(aws, clock, { credentials, maxAttempts: 1 })),
  };
}
