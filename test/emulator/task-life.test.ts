import type { Task } from '@aws-sdk/client-ecs';
import { expect, test } from 'vitest';
import { hourMs } from '../support/time.ts';
import { startedTask } from './started-task.ts';

test('a task goes through every state, and each change is an event with a higher version', async () => {
  const { clock, events, stop } = await startedTask();
  await clock.advance(5000);
  await stop();
  await clock.advance(5000);
  const history = events.map(({ detail }) => `${detail.version} ${detail.lastStatus} (${detail.desiredStatus})`);
  expect(history).toEqual([
    '1 PROVISIONING (RUNNING)',
    '2 PENDING (RUNNING)',
    '3 ACTIVATING (RUNNING)',
    '4 RUNNING (RUNNING)', // `ready` has ended, `up` has started
    '5 RUNNING (STOPPED)', // asked to stop
    '6 DEACTIVATING (STOPPED)',
    '7 STOPPING (STOPPED)',
    '8 STOPPING (STOPPED)', // the container `ssh` has ended
    '9 DEPROVISIONING (STOPPED)',
    '10 STOPPED (STOPPED)',
  ]);
});

test('the last event of a task has times as text and no tags', async () => {
  const { clock, events, stop, task, aws } = await startedTask();
  await clock.advance(5000);
  await stop('asked by the user');
  await clock.advance(5000);
  expect(events.at(-1)).toMatchObject({
    version: '0',
    source: 'aws.ecs',
    'detail-type': 'ECS Task State Change',
    account: aws.accountId,
    region: aws.region,
    resources: [task],
    detail: {
      taskArn: task,
      startedBy: 'session-1',
      stopCode: 'UserInitiated',
      stoppedReason: 'asked by the user',
      createdAt: '2026-01-01T00:00:00.000Z',
      startedAt: '2026-01-01T00:00:02.300Z',
      stoppingAt: '2026-01-01T00:00:05.000Z',
      executionStoppedAt: '2026-01-01T00:00:05.000Z',
      stoppedAt: '2026-01-01T00:00:06.000Z',
      attachments: [{ type: 'eni', status: 'DELETED' }],
      containers: [
        { name: 'ready', lastStatus: 'STOPPED', exitCode: 0 },
        { name: 'ssh', lastStatus: 'STOPPED', exitCode: 143 },
        { name: 'up', lastStatus: 'STOPPED', exitCode: 0 },
      ],
    },
  });
  expect(events.at(-1)?.detail).not.toHaveProperty('tags');
});

const containersOf = (task: Task | undefined) =>
  task?.containers?.map(({ name, lastStatus, exitCode }) => [name, lastStatus, exitCode]);

test('a task is RUNNING when all its containers have started, and then shows those that have ended', async () => {
  const { clock, describe } = await startedTask();
  await clock.advance(2299);
  const before = await describe();
  expect(before?.lastStatus).toBe('ACTIVATING');
  expect(containersOf(before)).toEqual([
    ['ready', 'RUNNING', undefined],
    ['ssh', 'RUNNING', undefined],
    ['up', 'PENDING', undefined],
  ]);
  await clock.advance(1);
  const after = await describe();
  expect(after?.lastStatus).toBe('RUNNING');
  expect(containersOf(after)).toEqual([
    ['ready', 'STOPPED', 0],
    ['ssh', 'RUNNING', undefined],
    ['up', 'RUNNING', undefined],
  ]);
});

test('the end of a container that changes nothing about its task shows late', async () => {
  const { clock, describe } = await startedTask({ delays: { reportingMs: 5000 } });
  const up = async () => (await describe())?.containers?.find(({ name }) => name === 'up')?.exitCode;
  await clock.advance(7299);
  expect(await up()).toBeUndefined();
  await clock.advance(1);
  expect(await up()).toBe(0);
});

test('a container counts as ended if it waits for the success of one that fails, and the task runs without it', async () => {
  const { clock, describe, containers } = await startedTask();
  containers.exitAtStart('ready', 1);
  await clock.advance(3000);
  const task = await describe();
  expect(task).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' });
  expect(containersOf(task)).toEqual([
    ['ready', 'STOPPED', 1],
    ['ssh', 'RUNNING', undefined],
    ['up', 'STOPPED', 143],
  ]);
  expect(containers.running().map(({ name }) => name)).toEqual(['ssh']);
});

test('a stopped task does not start a container that waits', async () => {
  const { clock, describe, stop, containers } = await startedTask();
  await clock.advance(2100);
  await stop();
  await clock.advance(1000);
  const task = await describe();
  expect(task).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'UserInitiated' });
  expect(containersOf(task)).toContainEqual(['up', 'STOPPED', undefined]);
  expect(containers.running()).toEqual([]);
});

test.each([
  ['PROVISIONING', 100],
  ['PENDING', 700],
  ['ACTIVATING', 1000],
])('a task that is stopped while %s starts no container', async (status, afterMs) => {
  const { clock, describe, stop, containers, events } = await startedTask();
  await clock.advance(afterMs);
  expect(await describe()).toMatchObject({ lastStatus: status });
  const { task: answered } = await stop();
  expect(answered).toMatchObject({
    lastStatus: status,
    desiredStatus: 'STOPPED',
    stopCode: 'UserInitiated',
    stoppedReason: 'Task stopped by user',
    tags: [],
  });
  expect(containers.running()).toEqual([]);
  await clock.advance(1000);
  expect(await describe()).toMatchObject({
    lastStatus: 'STOPPED',
    containers: [{ lastStatus: 'STOPPED' }, { lastStatus: 'STOPPED' }, { lastStatus: 'STOPPED' }],
  });
  expect(events.map(({ detail }) => detail.lastStatus)).not.toContain('RUNNING');
});

test('a task that is stopped twice keeps the first reason', async () => {
  const { clock, describe, stop } = await startedTask();
  await stop('first');
  await stop('second');
  await clock.advance(5000);
  await stop('third');
  expect(await describe()).toMatchObject({ lastStatus: 'STOPPED', stoppedReason: 'first' });
});

test('the end of the essential container ends the task and its other containers', async () => {
  const { clock, containers, describe, taskId } = await startedTask();
  await clock.advance(2000);
  containers.exit(taskId, 'ssh', 7);
  await clock.advance(0);
  expect(containers.running()).toEqual([]);
  await clock.advance(1000);
  expect(await describe()).toMatchObject({
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    containers: [
      { name: 'ready', exitCode: 143 },
      { name: 'ssh', exitCode: 7 },
      { name: 'up', lastStatus: 'STOPPED' },
    ],
  });
});

test('a container that cannot start fails the task', async () => {
  const { clock, describe } = await startedTask({ taskDefinition: 'missing' });
  await clock.advance(3000);
  expect(await describe()).toMatchObject({
    lastStatus: 'STOPPED',
    stopCode: 'TaskFailedToStart',
    stoppedReason: 'CannotStartContainerError: exec format error',
    containers: [{ reason: 'CannotStartContainerError: exec format error' }],
  });
});

test('a container that ignores SIGTERM is killed after its stop timeout', async () => {
  const { clock, describe, stop } = await startedTask({ taskDefinition: 'stubborn' });
  await clock.advance(3000);
  await stop();
  await clock.advance(29_999);
  expect(await describe()).toMatchObject({ lastStatus: 'STOPPING' });
  await clock.advance(1);
  expect(await describe()).toMatchObject({ lastStatus: 'DEPROVISIONING', containers: [{ exitCode: 137 }] });
});

test('an account that closes kills every container and stops every timer', async () => {
  const { clock, aws, containers, events } = await startedTask({ taskDefinition: 'stubborn' });
  await clock.advance(3000);
  expect(containers.running()).toHaveLength(1);
  const eventsBefore = events.length;
  await clock.run(aws.close());
  expect(containers.running()).toEqual([]);
  await clock.advance(hourMs);
  expect(events).toHaveLength(eventsBefore);
});
