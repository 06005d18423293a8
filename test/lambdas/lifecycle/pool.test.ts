/** The warm pool: bastions that wait for an owner. The stack of these tests has a pool of two. */
import { DescribeTasksCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { idleExitCode } from '../../../contracts/agent.ts';
import { deployPooled } from '../../support/deploy.ts';
import { type Deployment, isAllowed } from '../../support/deployment.ts';
import { destroy } from '../../support/destroy.ts';
import { handoffItems, remnantsOf } from '../../support/handoffs.ts';
import { arjen, asJson, berta, elsewhere, home, personArn, publicKey } from '../../support/people.ts';
import { hourMs, minuteMs, secondMs } from '../../support/time.ts';

const fill = async (options?: Parameters<typeof deployPooled>[0]): Promise<Deployment> => {
  const bastions = await deployPooled(options);
  await bastions.clock.advance(2 * minuteMs);
  return bastions;
};

const inState = async (bastions: Deployment, state: string) =>
  (await bastions.rows()).filter((row) => row.state === state);

const taskIdOf = ({ taskArn = '' }: { readonly taskArn?: string }) => taskArn.split('/').at(-1) ?? '';

describe('a pool of two', () => {
  it('holds two bastions that are up, let nobody in and are nobody’s', async () => {
    const bastions = await fill();
    const pooled = await inState(bastions, 'pooled');
    expect(pooled).toHaveLength(2);
    expect(await bastions.tasksAlive()).toHaveLength(2);
    expect(await handoffItems(bastions)).toEqual([]);
    for (const row of pooled) {
      expect(row).not.toHaveProperty('owner');
      expect(row.agent).not.toHaveProperty('publicKey');
      expect(row.readyAt).toBeDefined();
      expect(isAllowed(bastions, row.host ?? '', home)).toBe(false);
      expect(bastions.containers.keyOf(taskIdOf(row))).toBeUndefined();
    }
    expect(await bastions.call('GET /', arjen)).toMatchObject({ status: 404 });
  });

  it('is shown to admins, as nobody’s', async () => {
    const bastions = await fill();
    const { json } = await bastions.call('GET /sessions', { query: { state: 'pooled' } });
    expect(json.sessions).toHaveLength(2);
    for (const view of json.sessions) {
      expect(view).toMatchObject({ state: 'pooled', allowedCidrs: [] });
      expect(view).not.toHaveProperty('user');
    }
  });

  it('is told of on an admin’s first page, with its price', async () => {
    const hours = 'Mon-Sun 00:00-24:00 UTC';
    const bastions = await fill({ delays: { pullingMs: 20 * secondMs }, environment: { POOL_HOURS: hours } });
    const [first] = await inState(bastions, 'pooled');
    bastions.containers.exit(taskIdOf(first ?? {}), 'ssh', 1);
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

  it.each([
    ['a person’s list', { by: personArn('ann') }],
    ['an admin’s list of one person', { query: { user: 'ann' } }],
    ['an admin’s list of one state', { query: { state: 'running' } }],
  ])('is left out of %s, which takes one query', async (_, request) => {
    let queries = 0;
    const bastions = await fill({
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

  it('gives a bastion within two seconds to whoever asks, with their key, for their address', async () => {
    const bastions = await fill();
    const before = bastions.clock.now();
    const { status, json } = await bastions.call('POST /', arjen);
    expect(status).toBe(200);
    expect(bastions.clock.now() - before).toBeLessThan(2 * secondMs);
    const [row] = await inState(bastions, 'running');
    expect(row).toMatchObject({
      sessionId: json.sessionId,
      owner: 'arjen',
      claim: 'user#arjen',
      createdAt: before,
      expiresAt: before + hourMs,
      allowedCidrs: [`${home}/32`],
    });
    expect(json).toMatchObject({ user: 'arjen', state: 'running', host: row?.host });
    expect(bastions.containers.keyOf(taskIdOf(row ?? {}))).toBe(publicKey(1));
    expect(isAllowed(bastions, json.host, home)).toBe(true);
    expect(isAllowed(bastions, json.host, elsewhere)).toBe(false);
    expect(await bastions.call('GET /', arjen)).toMatchObject({ status: 200, json: { sessionId: json.sessionId } });
  });

  it('names the owner on the task and on the security group', async () => {
    const bastions = await fill();
    const { json } = await bastions.call('POST /', arjen);
    const group = bastions.aws.ec2.groups.all().find(({ name }) => name === `bastion-${json.sessionId}`);
    expect(group?.tags.get('bastion:owner')).toBe('arjen');
    const [{ taskArn = '' } = {}] = await inState(bastions, 'running');
    const query = new DescribeTasksCommand({ cluster: bastions.cluster, tasks: [taskArn], include: ['TAGS'] });
    const { tasks = [] } = await bastions.clock.run(bastions.ecs.send(query));
    expect(tasks[0]?.tags).toContainEqual({ key: 'bastion:owner', value: 'arjen' });
  });

  it('is full again after a bastion was taken', async () => {
    const bastions = await fill();
    await bastions.call('POST /', arjen);
    expect(await inState(bastions, 'pooled')).toHaveLength(1);
    await bastions.clock.advance(2 * minuteMs);
    expect(await inState(bastions, 'pooled')).toHaveLength(2);
  });

  it('is full again within two minutes after an agent died', async () => {
    const bastions = await fill();
    const [first] = await inState(bastions, 'pooled');
    bastions.containers.exit(taskIdOf(first ?? {}), 'ssh', 1);
    await bastions.clock.advance(2 * minuteMs);
    const pooled = await inState(bastions, 'pooled');
    expect(pooled).toHaveLength(2);
    expect(pooled.map(({ sessionId }) => sessionId)).not.toContain(first?.sessionId);
    expect((await bastions.rows()).find(({ sessionId }) => sessionId === first?.sessionId)).toMatchObject({
      state: 'stopped',
      reason: 'exited',
    });
  });

  it('has nothing that is idle before somebody takes it, whatever its exit code is', async () => {
    const bastions = await fill();
    const [first] = await inState(bastions, 'pooled');
    bastions.containers.exit(taskIdOf(first ?? {}), 'ssh', idleExitCode);
    const { json } = await bastions.call('POST /', arjen);
    const taken = (await bastions.rows()).find(({ sessionId }) => sessionId === json.sessionId);
    bastions.containers.exit(taskIdOf(taken ?? {}), 'ssh', idleExitCode);
    await bastions.clock.advance(minuteMs);
    const reasons = new Map((await bastions.rows()).map(({ sessionId, reason }) => [sessionId, reason]));
    expect(reasons.get(first?.sessionId ?? '')).toBe('exited');
    expect(reasons.get(json.sessionId)).toBe('idle');
  });

  it('gives each of two who ask at once another bastion', async () => {
    const bastions = await fill();
    const replies = await bastions.clock.run(
      Promise.all([bastions.send('POST /', arjen), bastions.send('POST /', { ...berta, from: elsewhere })]),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(replies.map(({ json }) => json.sessionId)).size).toBe(2);
    expect(await inState(bastions, 'pooled')).toEqual([]);
  });

  it('gives one bastion to a person who asks twice at once, and ends what was taken beside it', async () => {
    const bastions = await fill();
    const replies = await bastions.clock.run(
      Promise.all([bastions.send('POST /', arjen), bastions.send('POST /', arjen)]),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(replies.map(({ json }) => json.sessionId)).size).toBe(1);
    await bastions.clock.advance(3 * minuteMs);
    expect((await bastions.rows()).filter(({ owner, state }) => owner === 'arjen' && state === 'running')).toHaveLength(
      1,
    );
  });

  it('gives the next bastion when the first has died unnoticed', async () => {
    const bastions = await fill({
      onCall: async (call, proceed) => (call.service === 'events' ? undefined : proceed()),
    });
    const [, first] = await inState(bastions, 'pooled'); // rows come newest first, and the oldest is taken first
    bastions.containers.exit(taskIdOf(first ?? {}), 'ssh', 1);
    const { status, json } = await bastions.call('POST /', arjen);
    expect(status).toBe(200);
    expect(json.sessionId).not.toBe(first?.sessionId);
    expect(bastions.containers.keyOf(taskIdOf((await inState(bastions, 'running'))[0] ?? {}))).toBe(publicKey(1));
  });

  it('makes way for a start on demand when all have died unnoticed', async () => {
    const bastions = await fill({
      onCall: async (call, proceed) => (call.service === 'events' ? undefined : proceed()),
    });
    for (const row of await inState(bastions, 'pooled')) bastions.containers.exit(taskIdOf(row), 'ssh', 1);
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    const [row] = await inState(bastions, 'running');
    expect(row).not.toHaveProperty('pool');
  });

  it('waits for a bastion to take its key also when AWS was slow before it got one', async () => {
    let isSlow = false;
    const bastions = await fill({
      onCall: async (call, proceed) => {
        if (isSlow && call.action === 'UpdateItem') await bastions.clock.sleep(4 * secondMs);
        return proceed();
      },
    });
    isSlow = true;
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    expect(await inState(bastions, 'running')).toHaveLength(1);
    expect(await inState(bastions, 'pooled')).toHaveLength(1);
  });

  it('replaces its bastions before they are too old', async () => {
    const bastions = await fill({ environment: { POOL_MAX_AGE_SECONDS: '900' } });
    const before = (await inState(bastions, 'pooled')).map(({ sessionId }) => sessionId);
    await bastions.clock.advance(16 * minuteMs);
    const after = (await inState(bastions, 'pooled')).map(({ sessionId }) => sessionId);
    expect(after).toHaveLength(2);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect((await bastions.rows()).filter(({ sessionId }) => before.includes(sessionId))).toEqual([
      expect.objectContaining({ state: 'stopped', reason: 'expired', claim: 'pool-ended' }),
      expect.objectContaining({ state: 'stopped', reason: 'expired', claim: 'pool-ended' }),
    ]);
  });

  it('goes with its owner’s DELETE, and the pool stays', async () => {
    const bastions = await fill();
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(2 * minuteMs);
    expect((await bastions.rows()).filter(({ owner }) => owner === 'arjen')).toMatchObject([{ state: 'stopped' }]);
    expect(await inState(bastions, 'pooled')).toHaveLength(2);
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
    expect(await inState(bastions, 'pooled')).toHaveLength(2);
    expect(
      bastions.logged.filter(({ decision }) => decision === 'pool waits after failed starts').length,
    ).toBeGreaterThan(0);
  });
});

describe('the limit of a role', () => {
  const of = (name: string, n: number) => ({ by: personArn(name), body: publicKey(n), accept: asJson });

  it('counts a bastion from the pool, and a refused start costs the pool nothing', async () => {
    const bastions = await fill({ environment: { MAX_PER_ROLE: '1' } });
    expect(await bastions.call('POST /', of('ann', 1))).toMatchObject({ status: 200 });
    expect(await bastions.call('POST /', of('bob', 2))).toMatchObject({
      status: 429,
      json: { ErrorMessage: expect.stringContaining('1 live bastions of the role dev (setting maxPerRole)') },
    });
    expect(await inState(bastions, 'pooled')).toHaveLength(1);
    await bastions.call('DELETE /', { by: personArn('ann') });
    await bastions.clock.advance(5 * secondMs);
    expect(await bastions.call('POST /', of('bob', 2))).toMatchObject({ status: 200 });
  });

  it('holds when two of the role ask at once', async () => {
    const bastions = await fill({ environment: { MAX_PER_ROLE: '1' } });
    const replies = await bastions.clock.run(
      Promise.all([bastions.send('POST /', of('ann', 1)), bastions.send('POST /', of('bob', 2))]),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 429]);
    await bastions.clock.advance(3 * minuteMs);
    expect(await inState(bastions, 'running')).toHaveLength(1);
    expect(await inState(bastions, 'pooled')).toHaveLength(2);
  });
});

describe('a pool that may be no longer', () => {
  it('gives no bastion of an earlier deployment, and replaces it', async () => {
    const bastions = await fill();
    const { clock, sessions } = bastions;
    const earlier = await inState(bastions, 'pooled');
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
    const pooled = await inState(bastions, 'pooled');
    expect(pooled).toHaveLength(2);
    expect(pooled.filter(({ sessionId }) => earlierIds.includes(sessionId))).toEqual([]);
  });

  it('is empty outside its hours', async () => {
    const bastions = await fill({ environment: { POOL_HOURS: 'Thu 00:00-00:30 UTC' } }); // 2026-01-01 is a Thursday
    expect(await inState(bastions, 'pooled')).toHaveLength(2);
    await bastions.clock.advance(hourMs);
    expect(await remnantsOf(bastions)).toEqual([]);
  });

  it('leaves places for people as maxSessions has it', async () => {
    const bastions = await fill({ environment: { MAX_SESSIONS: '1' } });
    expect(await bastions.tasksAlive()).toHaveLength(1);
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    await bastions.clock.advance(2 * minuteMs);
    expect(await inState(bastions, 'pooled')).toEqual([]);
    expect(await bastions.call('POST /', berta)).toMatchObject({ status: 429 });
  });
});
