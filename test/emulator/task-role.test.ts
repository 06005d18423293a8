import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { inProcess } from '../../emulator/in-process.ts';
import { bodyText } from '../../emulator/wire.ts';
import { hourMs } from '../support/time.ts';
import { callerIdentity, fetchCredentials } from '../support/webhook-agent.ts';
import { accountId, cluster, refusal, roleArn } from './emulated.ts';
import { roleId, handoffTable as TableName, taskWithRole } from './handoff-task.ts';

describe('the metadata of a task', () => {
  test('names the task to its container until it stops', async () => {
    const { clock, aws, task, taskId, environment, stop } = await taskWithRole('agent');
    const uri = new URL(environment.ECS_CONTAINER_METADATA_URI_V4 ?? '');
    expect(uri.host).toBe('aws.local');
    expect(uri.pathname).toMatch(new RegExp(`^/v4/${taskId}-[0-9]{10}$`));
    const ask = async (path: string) => {
      const response = await aws.handle({ method: 'GET', path, headers: {}, body: new Uint8Array() });
      return { status: response.status, body: JSON.parse(bodyText(response)) };
    };
    expect(await ask(`${uri.pathname}/task`)).toMatchObject({ status: 200, body: { TaskARN: task, Family: 'agent' } });
    expect(await ask(`${uri.pathname}/stats`)).toMatchObject({ status: 404 });
    expect(await ask(`/v4/${taskId}-1/task`)).toMatchObject({ status: 404 });
    await stop();
    await clock.advance(hourMs / 2);
    expect(await ask(`${uri.pathname}/task`)).toMatchObject({ status: 404 });
  });
});

describe('the credentials of a task', () => {
  test('are at the URL in its environment, for a request with its token', async () => {
    const { clock, aws, taskId, environment } = await taskWithRole('agent');
    expect(environment).toMatchObject({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://aws.local/task-credentials/${taskId}`,
      AWS_ENDPOINT_URL: 'http://aws.local',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
    });
    const ask = async (id: string, headers: Record<string, string>) => {
      const response = await aws.handle({
        method: 'GET',
        path: `/task-credentials/${id}`,
        headers,
        body: new Uint8Array(),
      });
      return { status: response.status, body: JSON.parse(bodyText(response)) };
    };
    const authorization = environment.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '';
    expect(await ask(taskId, { authorization })).toEqual({
      status: 200,
      body: {
        AccessKeyId: expect.stringMatching(/^ASIA[0-9A-F]{16}$/),
        SecretAccessKey: expect.any(String),
        Token: expect.any(String),
        Expiration: new Date(clock.now() + 6 * hourMs).toISOString(),
        RoleArn: roleArn('handoff'),
      },
    });
    expect(await ask(taskId, {})).toMatchObject({ status: 403 });
    expect(await ask(taskId, { authorization: 'guessed' })).toMatchObject({ status: 403 });
    expect(await ask('none', { authorization })).toMatchObject({ status: 404 });
  });

  test('carry the id of the role and the id of the task', async () => {
    const { aws, clock, taskId, environment } = await taskWithRole('agent');
    const credentials = await fetchCredentials(aws, environment);
    const { status, xml } = await clock.run(callerIdentity(aws, credentials));
    expect(status).toBe(200);
    expect(xml).toContain(`<UserId>${roleId}:${taskId}</UserId>`);
    expect(xml).toContain(`<Arn>arn:aws:sts::${accountId}:assumed-role/handoff/${taskId}</Arn>`);
  });

  test('differ from task to task', async () => {
    const { aws, environment, start } = await taskWithRole('agent');
    const other = await start();
    const [mine, theirs] = [await fetchCredentials(aws, environment), await fetchCredentials(aws, other.environment)];
    expect(mine.accessKeyId).not.toBe(theirs.accessKeyId);
    expect(mine.secretAccessKey).not.toBe(theirs.secretAccessKey);
  });

  test('end with the task', async () => {
    const { aws, clock, environment, stop } = await taskWithRole('agent');
    const credentials = await fetchCredentials(aws, environment);
    await stop();
    await clock.advance(5000);
    expect((await clock.run(callerIdentity(aws, credentials))).xml).toContain('<Code>ExpiredTokenException</Code>');
    await expect(fetchCredentials(aws, environment)).rejects.toThrow('Got 404');
  });

  test('do not exist for a task without a role', async () => {
    const { containers, clock, run } = await taskWithRole('agent');
    await run();
    await clock.advance(2000);
    const ssh = containers.running().find(({ name }) => name === 'ssh');
    expect(
      Object.keys(ssh?.environment ?? {}).filter((name) => /CREDENTIALS|AUTHORIZATION|ENDPOINT/.test(name)),
    ).toEqual([]);
  });

  test('are refused without their secret or token, and for another service or region', async () => {
    const { aws, clock, environment } = await taskWithRole('agent');
    const credentials = await fetchCredentials(aws, environment);
    const list = (wrong: object) => {
      const ecs = new ECSClient({
        ...inProcess(aws, clock, { credentials: { ...credentials, ...wrong }, maxAttempts: 1 }),
        ...wrong,
      });
      return clock.run(refusal(ecs.send(new ListTasksCommand({ cluster }))));
    };
    expect(await list({})).toContain('AccessDeniedException');
    expect(await list({ secretAccessKey: 'guessed' })).toContain('InvalidSignatureException: The request signature');
    expect(await list({ sessionToken: 'guessed' })).toContain('UnrecognizedClientException');
    expect(await list({ sessionToken: undefined })).toContain('UnrecognizedClientException');
    expect(await list({ region: 'eu-west-1' })).toContain(
      'Credential should be scoped to us-east-1 and the service ecs.',
    );
  });
});

test('RunTask refuses a role that does not exist, and starts no task', async () => {
  const { aws, clock, send } = await taskWithRole('agent');
  const taskDefinition = aws.ecs.registerTaskDefinition({
    family: 'other',
    taskRoleArn: roleArn('other'),
    containerDefinitions: [{ name: 'agent', image: 'agent:1' }],
  }).arn;
  const before = aws.ec2.interfaces.all().length;
  expect(await clock.run(refusal(send({ taskDefinition })))).toMatch(
    /^ClientException: ECS was unable to assume the role/,
  );
  expect(aws.ec2.interfaces.all()).toHaveLength(before);
});

describe('a task', () => {
  const keyOf = (S: string) => ({ TableName, Key: { pk: { S } } });

  test('may read and delete its own item', async () => {
    const { aws, clock, environment, key, handOver, item, dynamodbAs } = await taskWithRole('agent');
    const dynamodb = dynamodbAs(await fetchCredentials(aws, environment));
    await handOver({ ACTIVATION_ID: 'aid' });
    const { Item } = await clock.run(dynamodb.send(new GetItemCommand(keyOf(key))));
    expect(Item).toMatchObject({ values: { M: { ACTIVATION_ID: { S: 'aid' } } } });
    await clock.run(dynamodb.send(new DeleteItemCommand(keyOf(key))));
    expect(await item()).toBeUndefined();
  });

  test.each<[string, (dynamodb: DynamoDBClient, own: string, other: string) => Promise<unknown>]>([
    ["read another task's item", (dynamodb, _, other) => dynamodb.send(new GetItemCommand(keyOf(other)))],
    ["delete another task's item", (dynamodb, _, other) => dynamodb.send(new DeleteItemCommand(keyOf(other)))],
    ['write its own', (dynamodb, own) => dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: own } } }))],
    ['list items', (dynamodb) => dynamodb.send(new ScanCommand({ TableName }))],
    [
      'read from a missing table',
      (dynamodb, own) => dynamodb.send(new GetItemCommand({ ...keyOf(own), TableName: 'sessions' })),
    ],
    ['read without its key', (dynamodb) => dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: 'x' } } }))],
  ])('may not %s', async (_, send) => {
    const { aws, clock, environment, key, taskId, start, dynamodbAs } = await taskWithRole('agent');
    const other = await start();
    await other.handOver({ ACTIVATION_ID: 'theirs' });
    const dynamodb = dynamodbAs(await fetchCredentials(aws, environment));
    const answer = await clock.run(refusal(send(dynamodb, key, other.key)));
    expect(answer).toContain(
      `AccessDeniedException: User: arn:aws:sts::${accountId}:assumed-role/handoff/${taskId} is not authorized to perform: dynamodb:`,
    );
    expect(await other.item()).toMatchObject({ values: { M: { ACTIVATION_ID: { S: 'theirs' } } } });
  });

  test('is refused every other call', async () => {
    const { aws, clock, environment } = await taskWithRole('agent');
    const sdk = inProcess(aws, clock, { credentials: await fetchCredentials(aws, environment), maxAttempts: 1 });
    expect(await clock.run(refusal(new EC2Client(sdk).send(new DescribeSecurityGroupsCommand({}))))).toMatch(
      /^UnauthorizedOperation: User: .* is not authorized to perform: ec2:DescribeSecurityGroups on resource: \*/,
    );
  });
});

describe('a scripted webhook agent', () => {
  test.each(['ssm', 'bzero-ssm', 'bzero'])(
    'of the kind %s waits for its handoff, takes it, and runs on',
    async (kind) => {
      const { clock, containers, taskId, handOver, item, describe } = await taskWithRole(kind);
      await clock.advance(3000);
      expect(containers.received(taskId)).toBeUndefined();
      await handOver({ ACTIVATION_ID: 'aid', ACTIVATION_CODE: 'acode' });
      await clock.advance(3000);
      expect(containers.received(taskId)).toEqual({ ACTIVATION_ID: 'aid', ACTIVATION_CODE: 'acode' });
      expect(await item()).toBeUndefined();
      expect(await describe()).toMatchObject({ lastStatus: 'RUNNING' });
    },
  );

  test('leaves its handoff and ends if its registration fails', async () => {
    const { clock, containers, handOver, item, describe } = await taskWithRole('ssm');
    containers.failAgents((name) => (name === 'ssm' ? { code: 7, afterMs: 0 } : undefined));
    await handOver({ ACTIVATION_ID: 'aid' });
    await clock.advance(3000);
    expect(await item()).toBeDefined();
    expect(await describe()).toMatchObject({ lastStatus: 'STOPPED', containers: [{ exitCode: 7 }] });
  });

  test('ends if it gets no handoff', async () => {
    const { clock, describe } = await taskWithRole('ssm');
    await clock.advance(63_000);
    expect(await describe()).toMatchObject({ lastStatus: 'STOPPED', containers: [{ exitCode: 69 }] });
  });
});
