import { request as httpRequest } from 'node:http';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeSecurityGroupsCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeTasksCommand, ECSClient, ListTasksCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { createAws } from '../../emulator/aws.ts';
import { realClock } from '../../emulator/clock.ts';
import { inProcess } from '../../emulator/in-process.ts';
import { serveAws } from '../../emulator/server.ts';
import { AwsError, type Call, type Interceptor } from '../../emulator/wire.ts';
import { ScriptedContainers } from '../support/scripted-containers.ts';
import { cluster, emulated, refusal, subnetId, vpcId } from './emulated.ts';

describe('an interceptor', () => {
  test('sees every call with its input and its caller', async () => {
    const calls: Call[] = [];
    const { clock, aws } = emulated({
      onCall(call, proceed) {
        calls.push(call);
        return proceed();
      },
    });
    const ecs = new ECSClient(inProcess(aws, clock, { caller: 'reaper' }));
    const ec2 = new EC2Client(inProcess(aws, clock));
    await clock.run(ecs.send(new ListTasksCommand({ cluster })));
    await clock.run(ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] })));
    const Item = { pk: { S: 'a' } };
    const dynamodb = new DynamoDBClient(inProcess(aws, clock, { maxAttempts: 1 }));
    await clock.run(refusal(dynamodb.send(new PutItemCommand({ TableName: 'none', Item }))));
    expect(calls).toEqual([
      { kind: 'api', service: 'ecs', action: 'ListTasks', input: { cluster }, at: clock.now(), caller: 'reaper' },
      {
        kind: 'api',
        service: 'ec2',
        action: 'DescribeSecurityGroups',
        input: { Filter: [{ Name: 'vpc-id', Value: [vpcId] }] },
        at: clock.now(),
        caller: 'test',
      },
      {
        kind: 'api',
        service: 'dynamodb',
        action: 'PutItem',
        input: { TableName: 'none', Item },
        at: clock.now(),
        caller: 'test',
      },
    ]);
  });

  const runTask = {
    cluster,
    taskDefinition: 'ssh',
    networkConfiguration: { awsvpcConfiguration: { subnets: [subnetId] } },
  };
  const refuse = () => {
    throw new AwsError('ServerException', 'injected', 500);
  };
  const onRunTask =
    (fault: Interceptor): Interceptor =>
    (call, proceed) =>
      call.action === 'RunTask' ? fault(call, proceed) : proceed();

  test.each<[string, Interceptor, string, number]>([
    ['fail a call before its effect', async () => refuse(), 'ServerException: injected', 0],
    ['fail a call after its effect', async (_, proceed) => proceed().then(refuse), 'ServerException: injected', 1],
    [
      'break the connection after the effect',
      async (_, proceed) => {
        await proceed();
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      },
      'Error: socket hang up',
      1,
    ],
    ['return another answer', async () => ({ tasks: [], failures: [{ reason: 'RESOURCE:CPU' }] }), 'no error', 0],
  ])('can %s', async (_, fault, outcome, tasks) => {
    const { clock, ecs } = emulated({ onCall: onRunTask(fault) });
    expect(await clock.run(refusal(ecs.send(new RunTaskCommand(runTask))))).toBe(outcome);
    expect((await clock.run(ecs.send(new ListTasksCommand({ cluster })))).taskArns).toHaveLength(tasks);
  });

  test.each<[string, (proceed: () => Promise<unknown>) => Promise<unknown>, number]>([
    ['lose', async () => {}, 0],
    ['duplicate', async (proceed) => [await proceed(), await proceed()], 2],
  ])('can %s a delivery to a function', async (_, fault, expected) => {
    let runs = 0;
    const { clock, aws } = emulated({
      onCall: (call, proceed) => (call.kind === 'delivery' && call.service === 'lambda' ? fault(proceed) : proceed()),
    });
    aws.lambda.registerFunction({
      name: 'worker',
      timeoutSeconds: 3,
      async invoke() {
        runs += 1;
      },
    });
    aws.lambda.invokeLater('worker', {});
    await clock.advance(1000);
    expect(runs).toBe(expected);
  });

  test('can delay a call that the SDK retries, in virtual time', async () => {
    const startedAt: number[] = [];
    const { clock, ecs } = emulated({
      maxAttempts: 3,
      async onCall(call, proceed) {
        startedAt.push(call.at);
        await clock.sleep(100);
        if (startedAt.length < 3) throw new AwsError('ThrottlingException', 'Rate exceeded');
        return proceed();
      },
    });
    const begin = clock.now();
    await clock.run(ecs.send(new ListTasksCommand({ cluster })));
    expect(startedAt.map((at) => at - begin)).toEqual([0, 1100, 3200]);
  });
});

describe('the request rates', () => {
  test('of ECS allow its reads together a burst of 100, then 20 a second', async () => {
    const { clock, ecs } = emulated();
    const read = (index: number) =>
      index % 2 === 0
        ? refusal(ecs.send(new ListTasksCommand({ cluster })))
        : refusal(ecs.send(new DescribeTasksCommand({ cluster, tasks: ['x'] })));
    const served = async (calls: number) => {
      const outcomes = await clock.run(Promise.all(Array.from({ length: calls }, (_, index) => read(index))));
      const refusals = outcomes.filter((outcome) => outcome !== 'no error');
      expect(new Set(refusals)).toEqual(new Set(['ThrottlingException: Rate exceeded']));
      return calls - refusals.length;
    };
    expect(await served(120)).toBe(100);
    await clock.advance(1000);
    expect(await served(120)).toBe(20);
  });

  test('of EC2 are separate for each action, and lower for unfiltered calls', async () => {
    const { clock, ec2 } = emulated();
    const served = async (calls: number, send: () => Promise<unknown>) => {
      const outcomes = await clock.run(Promise.all(Array.from({ length: calls }, () => refusal(send()))));
      return outcomes.filter((outcome) => outcome === 'no error').length;
    };
    const filtered = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
    expect(await served(60, () => ec2.send(new DescribeSecurityGroupsCommand({})))).toBe(50);
    expect(await served(120, () => ec2.send(new DescribeSecurityGroupsCommand(filtered)))).toBe(100);
    expect(await served(10, () => ec2.send(new DescribeVpcsCommand({})))).toBe(10);
    expect(await clock.run(refusal(ec2.send(new DescribeSecurityGroupsCommand({}))))).toBe(
      'RequestLimitExceeded: Request limit exceeded for DescribeSecurityGroups.',
    );
  });
});

test('one seed gives the same ids in each account', async () => {
  const groupIds = async () => emulated().createGroup();
  expect(await groupIds()).toBe(await groupIds());
});

describe('serveAws', () => {
  const make = () => createAws({ clock: realClock, containerHost: new ScriptedContainers(realClock) });

  test('gives the SDK the answers of the account', async () => {
    const aws = make();
    const server = await serveAws(aws, { port: 0 });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new EC2Client({ endpoint: server.url, region: aws.region, credentials });
    aws.ec2.addVpc({ vpcId, cidrBlock: '10.0.0.0/16' });
    try {
      const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand({}));
      expect(SecurityGroups).toMatchObject([{ GroupName: 'default', VpcId: vpcId }]);
    } finally {
      client.destroy();
      await server.close();
      await aws.close();
    }
  });

  test('names a taken port in its error', async () => {
    const firstServer = await serveAws(make(), { port: 0 });
    const port = Number(new URL(firstServer.url).port);
    try {
      await expect(serveAws(make(), { port })).rejects.toThrow(
        `Port ${port} is taken by another program, so the emulated AWS can't listen there.`,
      );
    } finally {
      await firstServer.close();
    }
  });

  test('ends idle connections when it closes', async () => {
    const server = await serveAws(make(), { port: 0 });
    const closed = new Promise((resolve) => {
      const request = httpRequest(server.url, { headers: { connection: 'keep-alive' } }, (response) =>
        response.resume(),
      );
      request.on('socket', (socket) => socket.on('close', resolve));
      request.on('response', () => server.close());
      request.end();
    });
    await closed;
  });
});
