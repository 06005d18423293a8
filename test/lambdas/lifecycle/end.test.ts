import { describe, expect, it } from 'vitest';
import { idleExitCode } from '../../../contracts/agent.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { failing, nothingArrives } from '../../support/interceptors.ts';
import { arjen } from '../../support/people.ts';
import { spoil } from '../../support/spoil.ts';
import { minuteMs } from '../../support/time.ts';

const taskOf = (bastions: Deployment) => bastions.containers.running()[0]?.taskId ?? '';

describe('the expiry', () => {
  it('ends a bastion within a minute after its time', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', { ...arjen, query: { user: 'arjen', ttl: '10m' } });
    await bastions.clock.advance(9.5 * minuteMs);
    expect((await bastions.call('GET /', arjen)).status).toBe(200);
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'expired' }]);
  });

  it('of an extended bastion is the new one', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', { ...arjen, query: { user: 'arjen', ttl: '10m' } });
    await bastions.clock.advance(9 * minuteMs);
    await bastions.call('POST /', { ...arjen, query: { user: 'arjen', ttl: '1h' } });
    await bastions.clock.advance(50 * minuteMs);
    expect((await bastions.call('GET /', arjen)).status).toBe(200);
  });
});

describe('a container that ends by itself', () => {
  it('ends its session', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    bastions.containers.exit(taskOf(bastions), 'ssh', 137);
    await bastions.clock.advance(5000);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([
      { state: 'stopped', reason: 'exited', detail: expect.stringMatching(/ssh exited with code 137/) },
    ]);
  });

  it('is noticed within minutes if its event is lost', async () => {
    let lostEvents = 0;
    const bastions = await deploy({
      onCall: async (call, proceed) => {
        if (call.kind === 'delivery' && call.service === 'events') return void lostEvents++;
        return proceed();
      },
    });
    await bastions.call('POST /', arjen);
    bastions.containers.exit(taskOf(bastions), 'ssh', 1);
    await bastions.clock.advance(7 * minuteMs);
    expect(lostEvents).toBeGreaterThan(0);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'exited' }]);
  });

  it.each([
    ['by its event', true],
    ['by the reaper if its event is lost', false],
  ])('ends its session as idle if nobody was connected, which is noticed %s', async (_, arrives) => {
    const bastions = await deploy({
      onCall: async (call, proceed) => (arrives || call.service !== 'events' ? proceed() : undefined),
    });
    await bastions.call('POST /', arjen);
    bastions.containers.exit(taskOf(bastions), 'ssh', idleExitCode);
    await bastions.clock.advance(7 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([
      { state: 'stopped', reason: 'idle', detail: expect.stringMatching(/nobody was connected/) },
    ]);
  });

  it('ends its session as idle also if no look has found the bastion up', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', { ...arjen, query: { user: 'arjen', wait: '0' } });
    await bastions.clock.advance(20_000);
    expect((await bastions.rows())[0]).not.toHaveProperty('readyAt');
    bastions.containers.exit(taskOf(bastions), 'ssh', idleExitCode);
    await bastions.clock.advance(minuteMs);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'idle' }]);
  });

  it('is noticed and removed in one pass of the reaper', async () => {
    const bastions = await deploy({ onCall: nothingArrives, reaps: false });
    await bastions.call('POST /', arjen);
    bastions.containers.exit(taskOf(bastions), 'ssh', 1);
    await bastions.clock.advance(6 * minuteMs);
    await bastions.invoke('Reaper');
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'exited' }]);
  });

  it('is noticed by the request that waits for its bastion', async () => {
    const bastions = await deploy({ reaps: false });
    bastions.containers.exitAtStart('ssh', 65);
    const reply = await bastions.call('POST /', arjen);
    expect(reply).toMatchObject({
      status: 502,
      json: { ErrorMessage: expect.stringMatching(/ssh exited with code 65: its handoff item could not be used/) },
    });
  });

  it('before it is up is noticed by the reaper a minute later, although the event is lost', async () => {
    const bastions = await deploy({ onCall: nothingArrives, reaps: false });
    bastions.containers.exitAtStart('ssh', 1);
    expect((await bastions.call('POST /', arjen)).status).toBe(202);
    await bastions.clock.advance(minuteMs);
    await bastions.invoke('Reaper');
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'start-failed' }]);
  });
});

describe('a task event', () => {
  const stopped = (bastions: Deployment, startedBy: string, taskArn = 'arn:aws:ecs:us-east-1:1:task/c/t') =>
    bastions.invoke('TaskStopped', { detail: { taskArn, startedBy, lastStatus: 'STOPPED', stoppedReason: 'gone' } });

  it('of a task that belongs to no session changes nothing', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    expect(await stopped(bastions, 'somebody-else')).not.toHaveProperty('functionError');
    const { json } = await bastions.call('GET /', arjen);
    expect(await stopped(bastions, json.sessionId)).not.toHaveProperty('functionError'); // not the task of this session
    expect((await bastions.call('GET /', arjen)).status).toBe(200);
  });

  it('that is delivered twice and late changes nothing', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    const [row] = await bastions.rows();
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(5000);
    const before = await bastions.rows();
    await stopped(bastions, row?.sessionId ?? '', row?.taskArn);
    expect(await bastions.rows()).toEqual(before);
  });
});

describe('a start that dies', () => {
  const actions = ['PutItem', 'CreateSecurityGroup', 'AuthorizeSecurityGroupIngress', 'RunTask'];

  it.each(actions)('at %s leaves nothing after its lease and two passes', async (action) => {
    let hasDied = false;
    const bastions = await deploy({
      onCall: async (call, proceed) => {
        if (hasDied && call.caller === deadCaller) return new Promise(() => {});
        if (call.kind === 'api' && call.action === action && !hasDied) {
          hasDied = true;
          deadCaller = call.caller;
          await proceed(); // AWS has done it, but its answer reaches no one
          return new Promise(() => {});
        }
        return proceed();
      },
    });
    let deadCaller: string | undefined;
    bastions.send('POST /', arjen).catch(() => {}); // unanswered, or cut by its time-out
    await bastions.clock.advance(3.5 * minuteMs);
    expect(hasDied).toBe(true);
    expect(await bastions.leftovers()).toEqual([]);
    const rows = await bastions.rows();
    expect(rows.filter(({ state }) => state !== 'stopped')).toEqual([]);
  });
});

it('a start that dies while it waits leaves a bastion for the next request', async () => {
  let hasDied = false;
  const bastions = await deploy({
    onCall: async (call, proceed) => {
      if (call.action !== 'DescribeTasks' || hasDied) return proceed();
      hasDied = true;
      return new Promise(() => {});
    },
  });
  bastions.send('POST /', arjen).catch(() => {});
  await bastions.clock.advance(minuteMs);
  expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
  expect(bastions.containers.running()).toHaveLength(1);
});

describe('the reaper', () => {
  it('handles every other session if one fails, and then throws that one’s id', async () => {
    let brokenTaskId = '';
    const bastions = await deploy({
      reaps: false,
      onCall: failing(
        ({ action, input }) =>
          action === 'StopTask' && brokenTaskId !== '' && JSON.stringify(input).includes(brokenTaskId),
      ),
    });
    await bastions.call('POST /', arjen);
    brokenTaskId = taskOf(bastions);
    await bastions.call('POST /', { ...arjen, query: { user: 'bob' } });
    await bastions.clock.advance(61 * minuteMs);
    const [, first] = await bastions.rows();
    const { functionError, payload } = await bastions.invoke('Reaper');
    expect(functionError).toBe('Unhandled');
    expect(JSON.parse(payload)).toMatchObject({
      errorType: 'PassFailed',
      errorMessage: expect.stringMatching(new RegExp(`1 of 2 due sessions .* ${first?.sessionId}`)),
    });
    await bastions.clock.advance(minuteMs);
    expect(await bastions.rows()).toMatchObject([
      { owner: 'bob', state: 'stopped' },
      { owner: 'arjen', state: 'stopping' },
    ]);
  });

  it('handles every other session if one row is unreadable, and then throws that one’s id', async () => {
    const bastions = await deploy({ reaps: false });
    await bastions.call('POST /', arjen);
    await bastions.call('POST /', { ...arjen, query: { user: 'bob' } });
    const [bob, spoiledRow] = await bastions.rows();
    await spoil(bastions, spoiledRow?.sessionId ?? '');
    await bastions.clock.advance(61 * minuteMs);
    const { payload } = await bastions.invoke('Reaper');
    expect(JSON.parse(payload)).toMatchObject({
      errorType: 'PassFailed',
      errorMessage: expect.stringMatching(new RegExp(`1 of 2 due sessions .* ${spoiledRow?.sessionId}`)),
    });
    expect(bastions.logged).toContainEqual(
      expect.objectContaining({
        sessionId: spoiledRow?.sessionId,
        error: expect.objectContaining({ message: expect.stringMatching(/is no session: agent: .* fix the item/) }),
      }),
    );
    expect(await bastions.clock.run(bastions.sessions.find(bob?.sessionId ?? ''))).toMatchObject({ state: 'stopping' });
  });

  it('does everything once if it runs twice at once', async () => {
    const bastions = await deploy({ reaps: false });
    await bastions.call('POST /', arjen);
    await bastions.clock.advance(61 * minuteMs);
    const fn = bastions.stack.functions.find(({ title }) => title === 'Reaper')?.name ?? '';
    const runs = await bastions.clock.run(
      Promise.all([bastions.aws.lambda.invoke(fn, {}), bastions.aws.lambda.invoke(fn, {})]),
    );
    expect(runs.map(({ functionError }) => functionError)).toEqual([undefined, undefined]);
    await bastions.clock.advance(5000);
    expect(await bastions.leftovers()).toEqual([]);
  });
});
