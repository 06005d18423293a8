/** Taking a bastion from the warm pool. The stack of these tests has a pool of two. */
import { DescribeTasksCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { isAllowed } from '../../support/deployment.ts';
import { arjen, asJson, berta, elsewhere, home, personArn, publicKey } from '../../support/people.ts';
import { filledPool, rowsIn } from '../../support/pool.ts';
import { taskIdOf } from '../../support/task-id.ts';
import { hourMs, minuteMs, secondMs } from '../../support/time.ts';

describe('a pool of two', () => {
  it('gives a bastion within two seconds to whoever asks, with their key, for their address', async () => {
    const bastions = await filledPool();
    const before = bastions.clock.now();
    const { status, json } = await bastions.call('POST /', arjen);
    expect(status).toBe(200);
    expect(bastions.clock.now() - before).toBeLessThan(2 * secondMs);
    const [row] = await rowsIn(bastions, 'running');
    expect(row).toMatchObject({
      sessionId: json.sessionId,
      owner: 'arjen',
      claim: 'user#arjen',
      createdAt: before,
      expiresAt: before + hourMs,
      allowedCidrs: [`${home}/32`],
    });
    expect(json).toMatchObject({ user: 'arjen', state: 'running', host: row?.host });
    expect(bastions.containers.keyOf(taskIdOf(row?.taskArn))).toBe(publicKey(1));
    expect(isAllowed(bastions, json.host, home)).toBe(true);
    expect(isAllowed(bastions, json.host, elsewhere)).toBe(false);
    expect(await bastions.call('GET /', arjen)).toMatchObject({ status: 200, json: { sessionId: json.sessionId } });
  });

  it('names the owner on the task and on the security group', async () => {
    const bastions = await filledPool();
    const { json } = await bastions.call('POST /', arjen);
    const group = bastions.aws.ec2.groups.all().find(({ name }) => name === `bastion-${json.sessionId}`);
    expect(group?.tags.get('bastion:owner')).toBe('arjen');
    const [{ taskArn = '' } = {}] = await rowsIn(bastions, 'running');
    const query = new DescribeTasksCommand({ cluster: bastions.cluster, tasks: [taskArn], include: ['TAGS'] });
    const { tasks = [] } = await bastions.clock.run(bastions.ecs.send(query));
    expect(tasks[0]?.tags).toContainEqual({ key: 'bastion:owner', value: 'arjen' });
  });

  it('gives each of two who ask at once another bastion', async () => {
    const bastions = await filledPool();
    const replies = await bastions.clock.run(
      Promise.all([bastions.send('POST /', arjen), bastions.send('POST /', { ...berta, from: elsewhere })]),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(replies.map(({ json }) => json.sessionId)).size).toBe(2);
    expect(await rowsIn(bastions, 'pooled')).toEqual([]);
  });

  it('gives one bastion to a person who asks twice at once, and ends what was taken beside it', async () => {
    const bastions = await filledPool();
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
    const bastions = await filledPool({
      onCall: async (call, proceed) => (call.service === 'events' ? undefined : proceed()),
    });
    const [, first] = await rowsIn(bastions, 'pooled'); // rows come newest first, and the oldest is taken first
    bastions.containers.exit(taskIdOf(first?.taskArn), 'ssh', 1);
    const { status, json } = await bastions.call('POST /', arjen);
    expect(status).toBe(200);
    expect(json.sessionId).not.toBe(first?.sessionId);
    expect(bastions.containers.keyOf(taskIdOf((await rowsIn(bastions, 'running'))[0]?.taskArn))).toBe(publicKey(1));
  });

  it('makes way for a start on demand when all have died unnoticed', async () => {
    const bastions = await filledPool({
      onCall: async (call, proceed) => (call.service === 'events' ? undefined : proceed()),
    });
    for (const row of await rowsIn(bastions, 'pooled')) bastions.containers.exit(taskIdOf(row?.taskArn), 'ssh', 1);
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    const [row] = await rowsIn(bastions, 'running');
    expect(row).not.toHaveProperty('pool');
  });

  it('waits for a bastion to take its key also when AWS was slow before it got one', async () => {
    let isSlow = false;
    const bastions = await filledPool({
      onCall: async (call, proceed) => {
        if (isSlow && call.action === 'UpdateItem') await bastions.clock.sleep(4 * secondMs);
        return proceed();
      },
    });
    isSlow = true;
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    expect(await rowsIn(bastions, 'running')).toHaveLength(1);
    expect(await rowsIn(bastions, 'pooled')).toHaveLength(1);
  });
});

describe('a start that can’t read the pool', () => {
  it.each([
    ['is throttled', new AwsError('ThrottlingException', 'Rate exceeded')],
    ['is denied', new AwsError('AccessDeniedException', 'not authorized to perform: dynamodb:Query')],
  ])('does without, and says so in the log: it %s', async (_, error) => {
    let isStarting = false;
    const bastions = await filledPool({
      onCall: async (call, proceed, invocation) => {
        if (isStarting && call.action === 'Query' && invocation?.title === 'Start') throw error;
        return proceed();
      },
    });
    isStarting = true;
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    expect((await rowsIn(bastions, 'running'))[0]).not.toHaveProperty('pool');
    expect(bastions.logged.map(({ decision }) => decision)).toContain('pool not read');
  });
});

describe('the limit of a role', () => {
  const of = (name: string, n: number) => ({ by: personArn(name), body: publicKey(n), accept: asJson });

  it('counts a bastion from the pool, and a refused start costs the pool nothing', async () => {
    const bastions = await filledPool({ environment: { MAX_PER_ROLE: '1' } });
    expect(await bastions.call('POST /', of('ann', 1))).toMatchObject({ status: 200 });
    expect(await bastions.call('POST /', of('bob', 2))).toMatchObject({
      status: 429,
      json: { ErrorMessage: expect.stringContaining('1 live bastions of the role dev (setting maxPerRole)') },
    });
    expect(await rowsIn(bastions, 'pooled')).toHaveLength(1);
    await bastions.call('DELETE /', { by: personArn('ann') });
    await bastions.clock.advance(5 * secondMs);
    expect(await bastions.call('POST /', of('bob', 2))).toMatchObject({ status: 200 });
  });

  it('holds when two of the role ask at once', async () => {
    const bastions = await filledPool({ environment: { MAX_PER_ROLE: '1' } });
    const replies = await bastions.clock.run(
      Promise.all([bastions.send('POST /', of('ann', 1)), bastions.send('POST /', of('bob', 2))]),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 429]);
    await bastions.clock.advance(3 * minuteMs);
    expect(await rowsIn(bastions, 'running')).toHaveLength(1);
    expect(await rowsIn(bastions, 'pooled')).toHaveLength(2);
  });
});
