import {
  DescribeClustersCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { cluster, emulated, refusal, subnetId, vpcId } from './emulated.ts';

async function withGroup(options: Parameters<typeof emulated>[0] = {}) {
  const world = emulated(options);
  const groupId = await world.createGroup();
  const request = (difference: Partial<RunTaskCommandInput> = {}) => ({
    cluster,
    taskDefinition: world.taskDefinition,
    networkConfiguration: {
      awsvpcConfiguration: { subnets: [subnetId], securityGroups: [groupId], assignPublicIp: 'ENABLED' as const },
    },
    ...difference,
  });
  const send = (difference?: Partial<RunTaskCommandInput>) => world.ecs.send(new RunTaskCommand(request(difference)));
  const run = async (difference?: Partial<RunTaskCommandInput>) => {
    const { tasks: [task] = [] } = await world.clock.run(send(difference));
    return task?.taskArn ?? '';
  };
  const list = async (input: object = {}) =>
    (await world.clock.run(world.ecs.send(new ListTasksCommand({ cluster, ...input })))).taskArns;
  return { ...world, groupId, send, run, list };
}

describe('RunTask', () => {
  test('answers with a task that is PROVISIONING and has no interface to show yet', async () => {
    const { clock, send, taskDefinition } = await withGroup();
    const tags = [{ key: 'bastion:session', value: 's1' }];
    const answer = await clock.run(send({ startedBy: 'session-1', tags, count: 2 }));
    expect(answer.failures).toEqual([]);
    expect(answer.tasks).toHaveLength(2);
    expect(answer.tasks?.[0]).toMatchObject({
      taskArn: expect.stringMatching(/^arn:aws:ecs:us-east-1:000000000000:task\/bastions\/[0-9a-f]{32}$/),
      taskDefinitionArn: taskDefinition,
      lastStatus: 'PROVISIONING',
      desiredStatus: 'RUNNING',
      startedBy: 'session-1',
      group: 'family:ssh',
      launchType: 'FARGATE',
      createdAt: new Date(clock.now()),
      tags,
      attachments: [
        { type: 'ElasticNetworkInterface', status: 'PRECREATED', details: [{ name: 'subnetId', value: subnetId }] },
      ],
    });
  });

  const network = (difference: object) => ({
    networkConfiguration: { awsvpcConfiguration: { subnets: [subnetId], securityGroups: [], ...difference } },
  });
  const override = (name: string, value: string) => ({
    overrides: { containerOverrides: [{ name, environment: [{ name: 'KEY', value }] }] },
  });
  test.each<[Partial<RunTaskCommandInput>, string]>([
    [{ cluster: 'other' }, 'ClusterNotFoundException: Cluster not found.'],
    [{ taskDefinition: 'other' }, 'ClientException: TaskDefinition not found.'],
    [{ taskDefinition: 'ssh:2' }, 'ClientException: TaskDefinition not found.'],
    [{ count: 11 }, 'InvalidParameterException: Parameter count is not valid.'],
    [{ startedBy: 'ann@example.org' }, 'InvalidParameterException: Parameter startedBy is not valid.'],
    [{ clientToken: 'x'.repeat(65) }, 'InvalidParameterException: Parameter clientToken is not valid.'],
    [{ tags: [{ key: 'aws:mine', value: '' }] }, "Tag keys must not start with 'aws:'"],
    [{ propagateTags: 'SERVICE' }, 'InvalidParameterException: Parameter propagateTags is not valid.'],
    [{ enableExecuteCommand: true }, 'taskRoleArn'],
    [
      { launchType: 'FARGATE', capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] },
      'Specifying both a launch type',
    ],
    [override('stranger', 'x'), 'Override for container named stranger is not a container in the TaskDefinition.'],
    [override('ssh', 'x'.repeat(8192)), 'Overrides are at most 8192 characters in total'],
    [
      { networkConfiguration: undefined },
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ],
    [
      network({ subnets: ['subnet-none'] }),
      "The subnet ID 'subnet-none' does not exist (ErrorCode: InvalidSubnetID.NotFound)",
    ],
    [
      network({ securityGroups: ['sg-none'] }),
      "The security group 'sg-none' does not exist (ErrorCode: InvalidGroup.NotFound)",
    ],
    [network({ securityGroups: ['1', '2', '3', '4', '5', '6'] }), 'InvalidParameterException'],
  ])('refuses %o and starts nothing', async (difference, expected) => {
    const { clock, send, list, aws } = await withGroup();
    expect(await clock.run(refusal(send(difference)))).toContain(expected);
    expect(await list()).toEqual([]);
    expect(aws.ec2.interfaces.all()).toEqual([]);
  });

  test('takes the default security group of the VPC when none is named', async () => {
    const { send, clock, aws } = await withGroup();
    await clock.run(send(network({ securityGroups: undefined })));
    expect(aws.ec2.interfaces.all()[0]?.groupIds).toEqual([aws.ec2.groups.default(vpcId)?.id]);
  });

  test('gives containers the definition, the overrides and what ECS adds', async () => {
    const { clock, run, containers } = await withGroup();
    const environment = [
      { name: 'SSH_PORT', value: '2222' },
      { name: 'AUTHORIZED_KEY', value: 'ssh-ed25519 AAAA' },
    ];
    await run({ overrides: { containerOverrides: [{ name: 'ssh', environment, command: ['serve'] }] } });
    await clock.advance(2000);
    expect(containers.running()).toMatchObject([
      {
        name: 'ssh',
        image: 'ssh:1',
        command: ['serve'],
        environment: { SSH_PORT: '2222', AUTHORIZED_KEY: 'ssh-ed25519 AAAA', AWS_REGION: 'us-east-1' },
      },
      { name: 'ready', command: ['wait'], environment: { AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE' } },
    ]);
  });

  describe('with a clientToken', () => {
    const token = { clientToken: 'token-1' };

    test('answers a repetition with the same task, whatever its state', async () => {
      const { clock, run, list } = await withGroup();
      const first = await run(token);
      await clock.advance(5000);
      expect(await run(token)).toBe(first);
      expect(await list()).toEqual([first]);
    });

    test('calls any other parameter a conflict and names the task', async () => {
      const { clock, run, send } = await withGroup();
      const first = await run(token);
      const conflict = await clock.run(send({ ...token, startedBy: 'other' }).catch((error: unknown) => error));
      expect(conflict).toMatchObject({ name: 'ConflictException', resourceIds: [first] });
    });

    test('knows tokens per cluster', async () => {
      const { aws, run } = await withGroup();
      aws.ecs.registerCluster('other');
      expect(await run(token)).not.toBe(await run({ ...token, cluster: 'other' }));
    });

    test.each([
      ['shows little of a task that has stopped', 3_600_000, true],
      ['starts another an hour after it has stopped', 3_601_001, false],
    ])('%s', async (_, afterMs, isSame) => {
      const { clock, ecs, run, send } = await withGroup({ delays: { deprovisioningMs: 1000 } });
      const first = await run(token);
      await clock.run(ecs.send(new StopTaskCommand({ cluster, task: first })));
      await clock.advance(afterMs);
      const { tasks: [second] = [] } = await clock.run(send(token));
      if (isSame) expect(second).toEqual({ taskArn: first, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
      else expect(second).toMatchObject({ lastStatus: 'PROVISIONING' });
    });

    test('starts another after a day', async () => {
      const { clock, run } = await withGroup();
      const first = await run(token);
      await clock.advance(24 * 3_600_000 + 1);
      expect(await run(token)).not.toBe(first);
    });
  });
});

describe('DescribeTasks', () => {
  test('calls what it does not know MISSING, by id or ARN', async () => {
    const { clock, ecs, run } = await withGroup();
    const known = await run();
    const tasks = [known.split('/').at(-1) ?? '', 'f'.repeat(32)];
    const answer = await clock.run(ecs.send(new DescribeTasksCommand({ cluster, tasks })));
    expect(answer.tasks?.map(({ taskArn }) => taskArn)).toEqual([known]);
    const arn = `arn:aws:ecs:us-east-1:000000000000:task/bastions/${'f'.repeat(32)}`;
    expect(answer.failures).toEqual([{ arn, reason: 'MISSING' }]);
  });

  test('shows tags when asked', async () => {
    const { clock, ecs, run } = await withGroup();
    const tags = [{ key: 'a', value: '1' }];
    const task = await run({ tags });
    const describe = async (include: 'TAGS'[]) =>
      (await clock.run(ecs.send(new DescribeTasksCommand({ cluster, tasks: [task], include })))).tasks?.[0]?.tags;
    expect([await describe([]), await describe(['TAGS'])]).toEqual([[], tags]);
  });

  test.each([
    ['no task', [], 'InvalidParameterException: Tasks cannot be empty.'],
    [
      '101 tasks',
      Array.from({ length: 101 }, String),
      'InvalidParameterException: Tasks cannot be more than 100, got 101.',
    ],
  ])('refuses %s', async (_, tasks, expected) => {
    const { clock, ecs } = emulated();
    expect(await clock.run(refusal(ecs.send(new DescribeTasksCommand({ cluster, tasks }))))).toBe(expected);
  });

  test('forgets a stopped task after an hour', async () => {
    const { clock, ecs, run } = await withGroup();
    const task = await run();
    await clock.run(ecs.send(new StopTaskCommand({ cluster, task })));
    const describe = async () => clock.run(ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] })));
    await clock.advance(3_600_000);
    expect(await describe()).toMatchObject({ tasks: [{ lastStatus: 'STOPPED' }], failures: [] });
    await clock.advance(1001);
    expect(await describe()).toMatchObject({ tasks: [], failures: [{ reason: 'MISSING' }] });
  });

  test('does not know a new task at once when AWS is eventually consistent', async () => {
    const world = await withGroup({ delays: { visibilityMs: 1000 } });
    await world.clock.advance(1000);
    const task = await world.run();
    const describe = async () => world.clock.run(world.ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] })));
    expect(await describe()).toMatchObject({ failures: [{ reason: 'MISSING' }] });
    await world.clock.advance(1000);
    expect(await describe()).toMatchObject({ failures: [] });
  });
});

describe('ListTasks', () => {
  test('leaves out what was asked to stop, and shows it on demand', async () => {
    const { clock, ecs, run, list } = await withGroup();
    const [mine, other] = [await run({ startedBy: 'mine' }), await run({ startedBy: 'other' })];
    expect(await list({ startedBy: 'mine' })).toEqual([mine]);
    await clock.run(ecs.send(new StopTaskCommand({ cluster, task: mine })));
    expect(await list({ startedBy: 'mine' })).toEqual([]);
    expect(await list()).toEqual([other]);
    expect(await list({ desiredStatus: 'STOPPED' })).toEqual([mine]);
    expect(await list({ desiredStatus: 'PENDING' })).toEqual([]);
    expect(await list({ family: 'another' })).toEqual([]);
  });

  test.each([{ desiredStatus: 'STOPPED' as const }, { family: 'ssh' }])('refuses startedBy with %o', async (filter) => {
    const { clock, ecs } = emulated();
    const refused = refusal(ecs.send(new ListTasksCommand({ cluster, startedBy: 'mine', ...filter })));
    expect(await clock.run(refused)).toBe(
      'InvalidParameterException: Cannot specify other filters when startedBy is specified.',
    );
  });

  test('comes in pages of 100', async () => {
    const { clock, ecs, send } = await withGroup();
    for (let call = 0; call < 11; call += 1) await clock.run(send({ count: 10 }));
    const first = await clock.run(ecs.send(new ListTasksCommand({ cluster })));
    const second = await clock.run(ecs.send(new ListTasksCommand({ cluster, nextToken: first.nextToken })));
    expect([first.taskArns?.length, second.taskArns?.length, second.nextToken]).toEqual([100, 10, undefined]);
    expect(new Set([...(first.taskArns ?? []), ...(second.taskArns ?? [])]).size).toBe(110);
  });
});

test('StopTask refuses a task it does not know', async () => {
  const { clock, ecs } = emulated();
  const refused = refusal(ecs.send(new StopTaskCommand({ cluster, task: 'f'.repeat(32) })));
  expect(await clock.run(refused)).toBe('InvalidParameterException: The referenced task was not found.');
});

test('clusters and task definitions are shown to whoever looks around', async () => {
  const { clock, ecs, taskDefinition, run } = await withGroup();
  await run();
  await clock.advance(2000);
  const clusters = await clock.run(ecs.send(new DescribeClustersCommand({ clusters: [cluster, 'other'] })));
  expect(clusters).toMatchObject({
    clusters: [{ clusterName: cluster, status: 'ACTIVE', runningTasksCount: 1 }],
    failures: [{ arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/other', reason: 'MISSING' }],
  });
  const { taskDefinitionArns } = await clock.run(ecs.send(new ListTaskDefinitionsCommand({})));
  expect(taskDefinitionArns).toEqual([taskDefinition]);
  const described = await clock.run(ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'ssh' })));
  expect(described.taskDefinition).toMatchObject({
    taskDefinitionArn: taskDefinition,
    family: 'ssh',
    revision: 1,
    status: 'ACTIVE',
  });
});
