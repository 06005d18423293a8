import {
  DescribeClustersCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListClustersCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { cluster, emulated, refusal, withGroup } from './emulated.ts';

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
    const context = await withGroup({ delays: { visibilityMs: 1000 } });
    await context.clock.advance(1000);
    const task = await context.run();
    const describe = async () =>
      context.clock.run(context.ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] })));
    expect(await describe()).toMatchObject({ failures: [{ reason: 'MISSING' }] });
    await context.clock.advance(1000);
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

test('StopTask deletes the tags of the task', async () => {
  const { clock, ecs, run } = await withGroup();
  const task = await run({ tags: [{ key: 'a', value: '1' }] });
  const { task: answered } = await clock.run(ecs.send(new StopTaskCommand({ cluster, task })));
  const described = await clock.run(ecs.send(new DescribeTasksCommand({ cluster, tasks: [task], include: ['TAGS'] })));
  expect([answered?.tags, described.tasks?.[0]?.tags]).toEqual([[], []]);
});

test('StopTask refuses a task it does not know', async () => {
  const { clock, ecs } = emulated();
  const refused = refusal(ecs.send(new StopTaskCommand({ cluster, task: 'f'.repeat(32) })));
  expect(await clock.run(refused)).toBe('InvalidParameterException: The referenced task was not found.');
});

test('clusters and task definitions are shown to whoever looks around', async () => {
  const { clock, ecs, taskDefinition, run } = await withGroup();
  await run();
  await clock.advance(3000);
  const clusters = await clock.run(ecs.send(new DescribeClustersCommand({ clusters: [cluster, 'other'] })));
  expect(clusters).toMatchObject({
    clusters: [{ clusterName: cluster, status: 'ACTIVE', runningTasksCount: 1 }],
    failures: [{ arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/other', reason: 'MISSING' }],
  });
  const { clusterArns } = await clock.run(ecs.send(new ListClustersCommand({})));
  expect(clusterArns).toEqual([`arn:aws:ecs:us-east-1:000000000000:cluster/${cluster}`]);
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
