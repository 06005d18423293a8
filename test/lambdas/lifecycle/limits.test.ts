import { describe, expect, it } from 'vitest';
import { DynamoPlaces } from '../../../lambdas/aws/dynamodb/places.ts';
import { activations } from '../../support/activations.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment, Invocation } from '../../support/deployment.ts';
import { arjen, asJson, publicKey } from '../../support/people.ts';
import { secretOf } from '../../support/secret.ts';
import { minuteMs } from '../../support/time.ts';

const startOf = (n: number) => ({ query: { user: `user-${n}`, wait: '0' }, body: publicKey(1), accept: asJson });
const ofRole = (role: string, n: number) => ({
  ...startOf(n),
  query: { wait: '0' },
  by: `arn:aws:sts::123456789012:assumed-role/${role}/user-${n}`,
});
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

const placesOf = (bastions: Deployment) => new DynamoPlaces(bastions.dynamodb, bastions.tableName);
const holders = (bastions: Deployment) => bastions.clock.run(placesOf(bastions).holders('people'));

/** Starts so many bastions at the same moment. @returns the statuses of the replies */
async function startAtOnce(bastions: Deployment, count: number): Promise<number[]> {
  const replies = await bastions.clock.run(Promise.all(numbers(count).map((n) => bastions.send('POST /', startOf(n)))));
  return replies.map(({ status }) => status);
}

describe('the limit of live bastions', () => {
  it('is exact under 100 simultaneous starts', async () => {
    const bastions = await deploy({ environment: { MAX_SESSIONS: '7' } });
    const statuses = await startAtOnce(bastions, 100);
    expect(statuses.filter((status) => status === 202)).toHaveLength(7);
    expect(statuses.filter((status) => status === 429)).toHaveLength(93);
    expect(await bastions.tasksAlive()).toHaveLength(7);
  });

  it('refuses a start with a sentence, and leaves nothing of it', async () => {
    const bastions = await deploy({ environment: { MAX_SESSIONS: '1' } });
    await bastions.call('POST /', arjen);
    const before = await bastions.rows();
    expect(await bastions.call('POST /', startOf(1))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
      json: {
        ErrorMessage: 'The limit of 1 live bastions (setting maxSessions) is reached. Stop one, or try again later.',
      },
    });
    expect(await bastions.rows()).toEqual(before);
    expect(await bastions.call('GET /', startOf(1))).toMatchObject({ status: 404 });
  });

  it('does not count a live bastion twice', async () => {
    const bastions = await deploy({ environment: { MAX_SESSIONS: '1' } });
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
    expect(await holders(bastions)).toHaveLength(1);
  });

  it('has room again as soon as a bastion is stopped', async () => {
    const bastions = await deploy({ environment: { MAX_SESSIONS: '1' } });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(1000);
    expect((await bastions.call('POST /', startOf(1))).status).toBe(202);
  });

  it('is kept apart from the limit of targets', async () => {
    const bastions = await deploy({ environment: { MAX_SESSIONS: '1', MAX_TARGETS: '1' } });
    await bastions.call('POST /', arjen);
    const headers = { authorization: `Basic ${await secretOf(bastions)}` };
    const [first] = activations('first');
    const [second] = activations('second');
    const start = async (body: unknown) =>
      (await bastions.call('POST /start', { headers, body: JSON.stringify(body) })).status;
    expect(await start(first?.body)).toBe(200);
    expect(await start(first?.body)).toBe(200);
    expect(await start(second?.body)).toBe(500);
  });

  it('needs no query that grows with the live bastions', async () => {
    const actions: string[] = [];
    const bastions = await deploy({
      onCall: async (call, proceed, invocation) => {
        if (invocation?.title === 'Start') actions.push(call.action);
        return proceed();
      },
    });
    await bastions.call('POST /', arjen);
    expect(actions).not.toContain('Query');
    expect(actions.filter((action) => action === 'UpdateItem')).toHaveLength(1);
  });
});

describe('the limit of one role', () => {
  it('is exact under simultaneous starts, and leaves room for others', async () => {
    const bastions = await deploy({ environment: { MAX_SESSIONS: '7', MAX_PER_ROLE: '2' } });
    const send = (role: string, count: number) => numbers(count).map((n) => bastions.send('POST /', ofRole(role, n)));
    const replies = await bastions.clock.run(Promise.all(send('CI', 20)));
    expect(replies.filter(({ status }) => status === 202)).toHaveLength(2);
    expect(await bastions.tasksAlive()).toHaveLength(2);
    expect(replies.find(({ status }) => status === 429)).toMatchObject({
      headers: { 'retry-after': '60' },
      json: {
        ErrorMessage:
          'The limit of 2 live bastions of the role CI (setting maxPerRole) is reached. Stop one, or try again later.',
      },
    });
    const others = await bastions.clock.run(Promise.all([...send('Dev', 1), bastions.send('POST /', startOf(99))]));
    expect(others.map(({ status }) => status)).toEqual([202, 202]);
  });

  it('has room again as soon as a bastion of the role is stopped', async () => {
    const bastions = await deploy({ environment: { MAX_PER_ROLE: '1' } });
    expect((await bastions.call('POST /', ofRole('CI', 1))).status).toBe(202);
    expect((await bastions.call('POST /', ofRole('CI', 2))).status).toBe(429);
    await bastions.call('DELETE /', { by: ofRole('CI', 1).by });
    await bastions.clock.advance(1000);
    expect((await bastions.call('POST /', ofRole('CI', 2))).status).toBe(202);
  });

  it('names the limit of all where that is reached', async () => {
    const bastions = await deploy({ environment: { MAX_SESSIONS: '2', MAX_PER_ROLE: '1' } });
    await bastions.call('POST /', ofRole('CI', 1));
    await bastions.call('POST /', ofRole('Dev', 2));
    expect((await bastions.call('POST /', ofRole('Ops', 3))).json.ErrorMessage).toMatch(
      /^The limit of 2 live bastions \(/,
    );
  });
});

describe('a start that the limit refuses', () => {
  it('joins the bastion that another request of its user has started meanwhile', async () => {
    const starts: (Invocation | undefined)[] = [];
    const bastions: Deployment = await deploy({
      environment: { MAX_SESSIONS: '1' },
      onCall: async (call, proceed, invocation) => {
        if (!starts.includes(invocation)) starts.push(invocation);
        // The second start has seen no live bastion, and writes its row once the first has one.
        if (starts.indexOf(invocation) === 1 && call.action === 'PutItem') await bastions.clock.sleep(2000);
        return proceed();
      },
    });
    starts.length = 0;
    const twice = await bastions.clock.run(
      Promise.all([bastions.send('POST /', startOf(1)), bastions.send('POST /', startOf(1))]),
    );
    expect(twice.map(({ status }) => status)).toEqual([202, 202]);
    expect(new Set(twice.map(({ json }) => json.sessionId)).size).toBe(1);
  });
});

describe('a place', () => {
  it.each(numbers(8))('is free again after a start that dies at its call number %d', async (n) => {
    let calls = 0;
    const bastions: Deployment = await deploy({
      onCall: async (call, proceed, invocation) => {
        if (invocation?.title !== 'Start' || call.kind !== 'api') return proceed();
        if (calls++ !== n) return proceed();
        invocation.isDead = true;
        return new Promise(() => {});
      },
    });
    await bastions.clock.run(bastions.send('POST /', ofRole('CI', 1)).catch(() => undefined));
    expect(calls).toBeGreaterThan(n);
    await bastions.clock.advance(5 * minuteMs);
    expect(await holders(bastions)).toEqual([]);
  });

  it('without a live session is released by the reaper', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    const [live] = await holders(bastions);
    const ghostPlace = { group: 'people', role: 'CI' } as const;
    const ghosts = numbers(250).map((n) => `ghost-${n}`);
    for (const ghost of ghosts) await bastions.clock.run(placesOf(bastions).take(ghostPlace, ghost, { most: 500 }));
    await bastions.clock.advance(11 * minuteMs);
    expect(await holders(bastions)).toEqual([live]);
  });
});
