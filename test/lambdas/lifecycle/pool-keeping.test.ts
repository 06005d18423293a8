/** Keeping the warm pool: what waits for an owner, and how much of it. The stack of these tests has a pool of two. */
import { describe, expect, it } from 'vitest';
import { idleExitCode } from '../../../contracts/agent.ts';
import { deployPooled } from '../../support/deploy.ts';
import { type Deployment, isAllowed } from '../../support/deployment.ts';
import { destroy } from '../../support/destroy.ts';
import { handoffItems, remnantsOf } from '../../support/handoffs.ts';
import { arjen, berta, home, personArn } from '../../support/people.ts';
import { filledPool, rowsIn } from '../../support/pool.ts';
import { taskIdOf } from '../../support/task-id.ts';
import { hourMs, minuteMs, secondMs } from '../../support/time.ts';

describe('a pool of two', () => {
  it('holds two bastions that are up, let nobody in and are nobody’s', async () => {
    const bastions = await filledPool();
    const pooled = await rowsIn(bastions, 'pooled');
    expect(pooled).toHaveLength(2);
    expect(await bastions.tasksAlive()).toHaveLength(2);
    expect(await handoffItems(bastions)).toEqual([]);
    for (const row of pooled) {
      expect(row).not.toHaveProperty('owner');
      expect(row.agent).not.toHaveProperty('publicKey');
      expect(row.readyAt).toBeDefined();
      expect(isAllowed(bastions, row.host ?? '', home)).toBe(false);
      expect(bastions.containers.keyOf(taskIdOf(row?.taskArn))).toBeUndefined();
    }
    expect(await bastions.call('GET /', arjen)).toMatchObject({ status: 404 });
  });

  it('is shown to admins, as nobody’s', async () => {
    const bastions = await filledPool();
    const { json } = await bastions.call('GET /sessions', { query: { state: 'pooled' } });
    expect(json.sessions).toHaveLength(2);
    for (const view of json.sessions) {
      expect(view).toMatchObject({ state: 'pooled', allowedCidrs: [] });
      expect(view).not.toHaveProperty('user');
    }
  });

  it('is told of on an admin’s first page, with its price', async () => {
    const hours = 'Mon-Sun 00:00-24:00 UTC';
    const bastions = await filledPool({ delays: { pullingMs: 20 * secondMs }, environment: { POOL_HOURS: hours } });
    const [first] = await rowsIn(bastions, 'pooled');
    bastions.containers.exit(taskIdOf(first?.taskArn), 'ssh', 1);
    await bastions.clock.advance(70 * secondMs);
    const { json } = await bastions.call('GET /sessions');
    expect(json.pool).toEqual({
      size: 2,
      hours,
      ready: 1,
      starting: 1,
      cost: { perMonth: 21.73, currency: 'USD' },
    });
  });

  it('keeps those that are up, although too many others come up beside them', async () => {
    let tasks = 0;
    const bastions: Deployment = await deployPooled({
      reaps: false,
      onCall: async (call, proceed) => {
        if (call.action === 'RunTask' && ++tasks > 2) await bastions.clock.sleep(20 * secondMs);
        return proceed();
      },
    });
    const [pool] = bastions.stack.functions.filter(({ title }) => title === 'Pool');
    const pass = () => bastions.aws.lambda.invoke(pool?.name ?? '', {});
    const passes = Promise.all([pass(), pass()]); // as when one event is delivered twice
    await bastions.clock.advance(15 * secondMs);
    const up = await rowsIn(bastions, 'pooled');
    expect([up.length, (await bastions.rows()).length]).toEqual([2, 4]);
    expect(up.every(({ readyAt }) => readyAt !== undefined)).toBe(true);
    await bastions.invoke('Reaper');
    const kept = await rowsIn(bastions, 'pooled');
    expect(kept.map(({ sessionId }) => sessionId)).toEqual(up.map(({ sessionId }) => sessionId));
    await bastions.clock.run(passes);
  });

  it.each([
    ['a person’s list', { by: personArn('ann') }],
    ['an admin’s list of one person', { query: { user: 'ann' } }],
    ['an admin’s list of one state', { query: { state: 'running' } }],
  ])('is left out of %s, which takes one query', async (_, request) => {
    let queries = 0;
    const bastions = await filledPool({
      onCall: (call, proceed, invocation) => {
        if (invocation?.title === 'Sessions' && call.action === 'Query') queries++;
        return proceed();
      },
    });
    const { json } = await bastions.call('GET /sessions', request);
    expect(json).not.toHaveProperty('pool');
    expect(queries).toBe(1);
    await bastions.call('GET /sessions');
    expect(queries).toBe(3);
  });

  it('is full again after a bastion was taken', async () => {
    const bastions = await filledPool();
    await bastions.call('POST /', arjen);
    expect(await rowsIn(bastions, 'pooled')).toHaveLength(1);
    await bastions.clock.advance(2 * minuteMs);
    expect(await rowsIn(bastions, 'pooled')).toHaveLength(2);
  });

  it('is full again within two minutes after an agent died', async () => {
    const bastions = await filledPool();
    const [first] = await rowsIn(bastions, 'pooled');
    bastions.containers.exit(taskIdOf(first?.taskArn), 'ssh', 1);
    await bastions.clock.advance(2 * minuteMs);
    const pooled = await rowsIn(bastions, 'pooled');
    expect(pooled).toHaveLength(2);
    expect(pooled.map(({ sessionId }) => sessionId)).not.toContain(first?.sessionId);
    expect((await bastions.rows()).find(({ sessionId }) => sessionId === first?.sessionId)).toMatchObject({
      state: 'stopped',
      reason: 'exited',
    });
  });

  it('has nothing that is idle before somebody takes it, whatever its exit code is', async () => {
    const bastions = await filledPool();
    const [first] = await rowsIn(bastions, 'pooled');
    bastions.containers.exit(taskIdOf(first?.taskArn), 'ssh', idleExitCode);
    const { json } = await bastions.call('POST /', arjen);
    const taken = (await bastions.rows()).find(({ sessionId }) => sessionId === json.sessionId);
    bastions.containers.exit(taskIdOf(taken?.taskArn), 'ssh', idleExitCode);
    await bastions.clock.advance(minuteMs);
    const reasons = new Map((await bastions.rows()).map(({ sessionId, reason }) => [sessionId, reason]));
    expect(reasons.get(first?.sessionId ?? '')).toBe('exited');
    expect(reasons.get(json.sessionId)).toBe('idle');
  });

  it('replaces its bastions before they are too old', async () => {
    const bastions = await filledPool({ environment: { POOL_MAX_AGE_SECONDS: '900' } });
    const before = (await rowsIn(bastions, 'pooled')).map(({ sessionId }) => sessionId);
    await bastions.clock.advance(16 * minuteMs);
    const after = (await rowsIn(bastions, 'pooled')).map(({ sessionId }) => sessionId);
    expect(after).toHaveLength(2);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect((await bastions.rows()).filter(({ sessionId }) => before.includes(sessionId))).toEqual([
      expect.objectContaining({ state: 'stopped', reason: 'expired', claim: 'pool-ended' }),
      expect.objectContaining({ state: 'stopped', reason: 'expired', claim: 'pool-ended' }),
    ]);
  });

  it('goes with its owner’s DELETE, and the pool stays', async () => {
    const bastions = await filledPool();
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(2 * minuteMs);
    expect((await bastions.rows()).filter(({ owner }) => owner === 'arjen')).toMatchObject([{ state: 'stopped' }]);
    expect(await rowsIn(bastions, 'pooled')).toHaveLength(2);
  });

  it('is drained with the stack, also what a pass has just started', async () => {
    const bastions = await deployPooled({ reaps: false });
    await bastions.invoke('Pool');
    await bastions.call('POST /', arjen);
    const pool = bastions.stack.functions.find(({ title }) => title === 'Pool')?.name ?? '';
    const pass = bastions.aws.lambda.invoke(pool, {});
    expect((await destroy(bastions)).answer.Status).toBe('SUCCESS');
    await bastions.clock.run(pass);
    expect(await bastions.leftovers()).toEqual([]);
    expect((await bastions.rows()).every(({ state }) => state === 'stopped')).toBe(true);
  });

  it('pauses after three starts in a row have failed, and goes on later', async () => {
    let isFailing = true;
    let tasks = 0;
    const bastions = await deployPooled({
      onCall: async (call, proceed) => {
        if (call.action !== 'RunTask') return proceed();
        tasks += 1;
        return isFailing ? { tasks: [], failures: [{ reason: 'Capacity is unavailable at this time.' }] } : proceed();
      },
    });
    await bastions.clock.advance(2 * minuteMs);
    const tried = tasks;
    await bastions.clock.advance(2 * minuteMs);
    expect(tasks).toBe(tried);
    isFailing = false;
    await bastions.clock.advance(6 * minuteMs);
    expect(await rowsIn(bastions, 'pooled')).toHaveLength(2);
    expect(
      bastions.logged.filter(({ decision }) => decision === 'pool waits after failed starts').length,
    ).toBeGreaterThan(0);
  });
});

describe('a pool that may be no longer', () => {
  it('gives no bastion of an earlier deployment, and replaces it', async () => {
    const bastions = await filledPool();
    const { clock, sessions } = bastions;
    const earlier = await rowsIn(bastions, 'pooled');
    for (const session of earlier) {
      if (session.pool === undefined) throw new Error('Got a pooled row without its birth, expected one with it.');
      const pool = { ...session.pool, taskDefinition: `${session.pool.taskDefinition}0` };
      await clock.run(sessions.save({ ...session, pool }));
    }
    const earlierIds = earlier.map(({ sessionId }) => sessionId);
    const { status, json } = await bastions.call('POST /', arjen);
    expect(status).toBe(200);
    expect(earlierIds).not.toContain(json.sessionId);
    await clock.advance(3 * minuteMs);
    const pooled = await rowsIn(bastions, 'pooled');
    expect(pooled).toHaveLength(2);
    expect(pooled.filter(({ sessionId }) => earlierIds.includes(sessionId))).toEqual([]);
  });

  it('is empty outside its hours', async () => {
    const bastions = await filledPool({ environment: { POOL_HOURS: 'Thu 00:00-00:30 UTC' } }); // 2026-01-01 is a Thursday
    expect(await rowsIn(bastions, 'pooled')).toHaveLength(2);
    await bastions.clock.advance(hourMs);
    expect(await remnantsOf(bastions)).toEqual([]);
  });

  it('leaves places for people as maxSessions has it', async () => {
    const bastions = await filledPool({ environment: { MAX_SESSIONS: '1' } });
    expect(await bastions.tasksAlive()).toHaveLength(1);
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    await bastions.clock.advance(2 * minuteMs);
    expect(await rowsIn(bastions, 'pooled')).toEqual([]);
    expect(await bastions.call('POST /', berta)).toMatchObject({ status: 429 });
  });
});
