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
import { hourMs } from '../support/time.ts';
import { arn, cluster, emulated, refusal, withGroup } from './emulated.ts';

const unknownTask = 'f'.repeat(32);

describe('DescribeTasks', () => {
  test('reports an unknown task as MISSING, by its id or ARN', async () => {
    const { clock, ecs, run } = await withGroup();
    const task = await run();
    const tasks = [task.split('/').at(-1) ?? '', unknownTask];
    const answer = await clock.run(ecs.send(new DescribeTasksCommand({ cluster, tasks })));
    expect(answer.tasks?.map(({ taskArn }) => taskArn)).toEqual([task]);
    expect(answer.failures).toEqual([{ arn: arn('ecs', `task/${cluster}/${unknownTask}`), reason: 'MISSING' }]);
  });

  test('shows tags on request', async () => {
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
    await clock.advance(hourMs);
    expect(await describe()).toMatchObject({ tasks: [{ lastStatus: 'STOPPED' }], failures: [] });
    await clock.advance(1001);
    expect(await describe()).toMatchObject({ tasks: [], failures: [{ reason: 'MISSING' }] });
  });

  test('reports a new task as MISSING for a while if AWS is eventually consistent', async () => {
    const account = await withGroup({ delays: { visibilityMs: 1000 } });
    await account.clock.advance(1000);
    const task = await account.run();
    const describe = async () =>
      account.clock.run(account.ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] })));
    expect(await describe()).toMatchObject({ failures: [{ reason: 'MISSING' }] });
    await account.clock.advance(1000);
    expect(await describe()).toMatchObject({ failures: [] });
  });
});

describe('ListTasks', () => {
  test('shows a stopped task only on request', async () => {
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
    const call = refusal(ecs.send(new ListTasksCommand({ cluster, startedBy: 'mine', ...filter })));
    expect(await clock.run(call)).toBe(
      'InvalidParameterException: Cannot specify other filters when startedBy is specified.',
    );
  });

  test('returns pages of 100', async () => {
    const { clock, ecs, send } = await withGroup();
    const calls = 11;
    const tasksPerCall = 10;
    for (let call = 0; call < calls; call += 1) await clock.run(send({ count: tasksPerCall }));
    const first = await clock.run(ecs.send(new ListTasksCommand({ cluster })));
    const second = await clock.run(ecs.send(new ListTasksCommand({ cluster, nextToken: first.nextToken })));
    const total = calls * tasksPerCall;
    expect([first.taskArns?.length, second.taskArns?.length, second.nextToken]).toEqual([100, total - 100, undefined]);
    expect(new Set([...(first.taskArns ?? []), ...(second.taskArns ?? [])]).size).toBe(total);
  });
});

test('StopTask deletes the tags of the task', async () => {
  const { clock, ecs, run } = await withGroup();
  const task = await run({ tags: [{ key: 'a', value: '1' }] });
  const { task: answered } = await clock.run(ecs.send(new StopTaskCommand({ cluster, task })));
  const described = await clock.run(ecs.send(new DescribeTasksCommand({ cluster, tasks: [task], include: ['TAGS'] })));
  expect([answered?.tags, described.tasks?.[0]?.tags]).toEqual([[], []]);
});

test('StopTask refuses an unknown task', async () => {
  const { clock, ecs } = emulated();
  const call = refusal(ecs.send(new StopTaskCommand({ cluster, task: unknownTask })));
  expect(await clock.run(call)).toBe('InvalidParameterException: The referenced task was not found.');
});

test('ECS shows its clusters and task definitions', async () => {
  const { clock, ecs, taskDefinition, run } = await withGroup();
  await run();
  await clock.advance(3000);
  const clusters = await clock.run(ecs.send(new DescribeClustersCommand({ clusters: [cluster, 'other'] })));
  expect(clusters).toMatchObject({
    clusters: [{ clusterName: cluster, status: 'ACTIVE', runningTasksCount: 1 }],
    failures: [{ arn: arn('ecs', 'cluster/other'), reason: 'MISSING' }],
  });
  const { clusterArns } = await clock.run(ecs.send(new ListClustersCommand({})));
  expect(clusterArns).toEqual([arn('ecs', `cluster/${cluster}`)]);
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
