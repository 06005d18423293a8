import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/aws/wire.ts';
import { deploy } from '../../support/deploy.ts';
import { type Deployment, type Invocation, key } from '../../support/deployment.ts';
import { nothingArrives } from '../../support/interceptors.ts';

const asJson = 'application/json';
const arjen = { query: { user: 'arjen' }, body: key(1), accept: asJson };

const openTo = (bastions: Deployment, host: string, sourceIp: string) =>
  bastions.containers.letsIn(host, { port: 22, sourceIp });

describe('asking again', () => {
  it('answers with the live bastion', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    for (const body of [key(1), `${key(1)} another comment`, '']) {
      expect((await bastions.call('POST /', { ...arjen, body })).json.sessionId).toBe(first.json.sessionId);
    }
    expect(bastions.containers.running()).toHaveLength(1);
  });

  it('finds the same bastion whatever the case of the user', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    const second = await bastions.call('POST /', { ...arjen, query: { user: 'ARJEN' } });
    expect(second.json).toMatchObject({ sessionId: first.json.sessionId, user: 'arjen' });
  });

  it('from another address lets that one in and the old one out, in place', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    const second = await bastions.call('POST /', { ...arjen, from: '203.0.113.9' });
    expect(second.json).toMatchObject({ sessionId: first.json.sessionId, allowedCidrs: ['203.0.113.9/32'] });
    expect(openTo(bastions, second.json.host, '203.0.113.9')).toBe(true);
    expect(openTo(bastions, second.json.host, '198.51.100.4')).toBe(false);
  });

  it.each([{}, { ttl: '30m' }])(
    'from another address lets it in although an earlier request died halfway: %j',
    async (more) => {
      let dies = false;
      const bastions = await deploy({
        reaps: false,
        onCall: async (call, proceed, invocation) => {
          if (!dies || !invocation || call.action !== 'DescribeSecurityGroups') return proceed();
          dies = false;
          invocation.isDead = true; // the row has the new address already, the group has not
          return new Promise(() => {});
        },
      });
      const { json } = await bastions.call('POST /', arjen);
      dies = true;
      bastions.send('POST /', { ...arjen, from: '203.0.113.9' }).catch(() => {});
      await bastions.clock.advance(2 * 60_000);
      const query = { ...arjen.query, ...more };
      expect((await bastions.call('POST /', { ...arjen, query, from: '203.0.113.9' })).status).toBe(200);
      expect(openTo(bastions, json.host, '203.0.113.9')).toBe(true);
      expect(openTo(bastions, json.host, '198.51.100.4')).toBe(false);
    },
  );

  it('leaves the address of a request that died due soon, also when another was just confirming the old one', async () => {
    const died = Promise.withResolvers<void>();
    let isArmed = false;
    let confirming: Invocation | undefined;
    const bastions = await deploy({
      reaps: false,
      onCall: async (call, proceed, invocation) => {
        if (!isArmed || call.action !== 'PutItem' || !invocation) return proceed();
        if (confirming === undefined) {
          confirming = invocation;
          bastions.send('POST /', { ...arjen, from: '203.0.113.9' }).catch(() => {});
          await died.promise;
          return proceed();
        }
        if (invocation === confirming) return proceed();
        await proceed();
        invocation.isDead = true; // the row has the new address, the group has not
        died.resolve();
        return new Promise(() => {});
      },
    });
    const { json } = await bastions.call('POST /', arjen);
    await bastions.clock.advance(5.5 * 60_000);
    // Half a minute after its check-up was due a request confirms the addresses of the row.
    isArmed = true;
    await bastions.call('POST /', arjen);
    const row = await bastions.clock.run(bastions.sessions.find(json.sessionId));
    expect(row?.allowedCidrs).toEqual(['203.0.113.9/32']);
    expect(row?.reapAt).toBeLessThanOrEqual(bastions.clock.now() + 60_000);
  });

  it('from many addresses at once leaves exactly the one that the row names', async () => {
    const bastions = await deploy();
    const { json } = await bastions.call('POST /', arjen);
    const sources = Array.from({ length: 8 }, (_, n) => `203.0.113.${n + 1}`);
    await bastions.clock.run(Promise.all(sources.map((from) => bastions.send('POST /', { ...arjen, from }))));
    const row = await bastions.clock.run(bastions.sessions.find(json.sessionId));
    const open = sources.filter((source) => openTo(bastions, json.host, source));
    expect(open.map((source) => `${source}/32`)).toEqual(row?.allowedCidrs);
  });

  it('closes within two minutes what a request has opened that was overtaken and then died', async () => {
    const overtaken = Promise.withResolvers<void>();
    let isArmed = false;
    let slow: Invocation | undefined;
    let hasOpened = false;
    const bastions = await deploy({
      onCall: async (call, proceed, invocation) => {
        if (isArmed) slow ??= invocation;
        if (slow === undefined || invocation !== slow) return proceed();
        if (call.action === 'AuthorizeSecurityGroupIngress') {
          await overtaken.promise;
          hasOpened = true;
        } else if (call.action === 'DescribeSecurityGroups' && hasOpened)
          throw new AwsError('InternalError', 'no', 500);
        return proceed();
      },
    });
    const { json } = await bastions.call('POST /', arjen);
    isArmed = true;
    const dying = bastions.send('POST /', { ...arjen, from: '203.0.113.9' });
    await bastions.clock.advance(1000);
    expect((await bastions.call('POST /', { ...arjen, from: '203.0.113.5' })).status).toBe(200);
    overtaken.resolve();
    expect((await bastions.clock.run(dying)).status).toBe(503);
    expect(openTo(bastions, json.host, '203.0.113.9')).toBe(true);
    await bastions.clock.advance(2 * 60_000);
    expect(openTo(bastions, json.host, '203.0.113.9')).toBe(false);
    expect(openTo(bastions, json.host, '203.0.113.5')).toBe(true);
  });

  it('from another address stays let in while the reaper, which had read the old one, is at its check-up', async () => {
    const moved = Promise.withResolvers<void>();
    const locked: boolean[] = [];
    let host = '';
    const bastions: Deployment = await deploy({
      reaps: false,
      onCall: async (call, proceed, invocation) => {
        if (invocation?.title !== 'Reaper') return proceed();
        if (call.action === 'DescribeSecurityGroups') await moved.promise;
        const output = await proceed();
        if (call.service === 'ec2') locked.push(!openTo(bastions, host, '203.0.113.9'));
        return output;
      },
    });
    ({ host } = (await bastions.call('POST /', arjen)).json);
    await bastions.clock.advance(6 * 60_000);
    const fn = bastions.stack.functions.find(({ title }) => title === 'Reaper');
    const pass = bastions.aws.lambda.invoke(fn?.name ?? '', {});
    await bastions.clock.advance(1000);
    expect((await bastions.call('POST /', { ...arjen, from: '203.0.113.9' })).status).toBe(200);
    moved.resolve();
    await bastions.clock.run(pass);
    expect(locked.length).toBeGreaterThan(1);
    expect(locked).not.toContain(true);
    expect(openTo(bastions, host, '198.51.100.4')).toBe(false);
  });

  it('while the first start is under way waits for that one, with the newer address', async () => {
    const bastions = await deploy();
    const [first, second] = await bastions.clock.run(
      Promise.all([bastions.send('POST /', arjen), bastions.send('POST /', { ...arjen, from: '203.0.113.9' })]),
    );
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.json.sessionId).toBe(second.json.sessionId);
    const row = await bastions.clock.run(bastions.sessions.find(first.json.sessionId));
    for (const source of ['198.51.100.4', '203.0.113.9']) {
      expect(openTo(bastions, first.json.host, source)).toBe(row?.allowedCidrs.includes(`${source}/32`));
    }
  });

  it('from another address survives an EC2 that does not know the new group everywhere yet', async () => {
    let denied = 0;
    const bastions = await deploy({
      onCall: async ({ action }, proceed) => {
        if (action === 'RevokeSecurityGroupIngress' && denied++ < 2)
          throw new AwsError('InvalidGroup.NotFound', 'The security group does not exist');
        return proceed();
      },
    });
    await bastions.call('POST /', arjen);
    const moved = await bastions.call('POST /', { ...arjen, from: '198.51.100.9' });
    expect(moved).toMatchObject({ status: 200, json: { allowedCidrs: ['198.51.100.9/32'] } });
    expect(openTo(bastions, moved.json.host, '198.51.100.9')).toBe(true);
    expect(openTo(bastions, moved.json.host, '198.51.100.4')).toBe(false);
  });

  it('twenty times at once gives one bastion', async () => {
    const bastions = await deploy();
    const replies = await bastions.clock.run(
      Promise.all(Array.from({ length: 20 }, () => bastions.send('POST /', arjen))),
    );
    expect(new Set(replies.map(({ json }) => json.sessionId)).size).toBe(1);
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    expect(bastions.containers.running()).toHaveLength(1);
    expect(await bastions.rows()).toHaveLength(1);
  });

  it('with another key is refused until the live one is stopped', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    const reply = await bastions.call('POST /', { ...arjen, body: key(2), from: '203.0.113.9' });
    expect(reply).toMatchObject({ status: 409, json: { ErrorMessage: expect.stringMatching(/Stop it first/) } });
    const [row] = await bastions.rows();
    expect(row?.allowedCidrs).toEqual(['198.51.100.4/32']);
  });

  it('with a ttl moves the expiry, never beyond the longest lifetime', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    const createdAt = Date.parse(first.json.createdAt);
    const expiryAfter = async (hours: number, ttl?: string) => {
      await bastions.clock.advance(hours * 3_600_000);
      const { json } = await bastions.call('POST /', { ...arjen, query: { user: 'arjen', ...(ttl && { ttl }) } });
      expect(json.sessionId).toBe(first.json.sessionId);
      return Math.round((Date.parse(json.expiresAt) - createdAt) / 60_000);
    };
    expect(await expiryAfter(0.5, '8h')).toBe(8 * 60 + 30);
    expect(await expiryAfter(7.5)).toBe(8 * 60 + 30);
    expect(await expiryAfter(0.25, '8h')).toBe(16 * 60 + 15);
    expect(await expiryAfter(7.75, '8h')).toBe(24 * 60);
    expect(await expiryAfter(0.5, '1m')).toBe(16 * 60 + 31);
  });

  it('after it has expired, before anyone noticed, gives a new bastion', async () => {
    const bastions = await deploy({ reaps: false });
    const first = await bastions.call('POST /', arjen);
    await bastions.clock.advance(3_600_001);
    expect((await bastions.call('GET /', arjen)).status).toBe(404);
    const second = await bastions.call('POST /', arjen);
    expect(second.status).toBe(200);
    expect(second.json.sessionId).not.toBe(first.json.sessionId);
  });

  it('after its container has gone, before anyone noticed, gives a new bastion', async () => {
    const bastions = await deploy({ reaps: false, onCall: nothingArrives });
    const first = await bastions.call('POST /', arjen);
    const [ssh] = bastions.containers.running();
    bastions.containers.exit(ssh?.taskId ?? '', 'ssh', 1);
    await bastions.clock.advance(10_000);
    const second = await bastions.call('POST /', arjen);
    expect(second.status).toBe(200);
    expect(second.json.sessionId).not.toBe(first.json.sessionId);
  });

  it('after its container has gone is told to ask again when removing it has taken the time for a new one', async () => {
    let isSlow = true;
    const bastions: Deployment = await deploy({
      reaps: false,
      onCall: async (call, proceed, invocation) => {
        if (call.kind === 'delivery') return undefined;
        if (isSlow && invocation && call.action === 'ListTasks') await bastions.clock.sleep(20_000);
        if (isSlow && call.action === 'CreateSecurityGroup' && call.at > bornAt) await bastions.clock.sleep(10_000);
        return proceed();
      },
    });
    let bornAt = Number.POSITIVE_INFINITY;
    await bastions.call('POST /', arjen);
    bornAt = bastions.clock.now();
    const [ssh] = bastions.containers.running();
    bastions.containers.exit(ssh?.taskId ?? '', 'ssh', 1);
    await bastions.clock.advance(10_000);
    expect(await bastions.call('POST /', arjen)).toMatchObject({
      status: 409,
      json: { ErrorMessage: expect.stringMatching(/has just ended.*Ask again/) },
    });
    expect(await bastions.rows()).toHaveLength(1);
    isSlow = false;
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
  });

  it('after its container has gone, while AWS is still taking its interface back, gives a new bastion', async () => {
    const bastions = await deploy({ delays: { deprovisioningMs: 15 * 60_000 } });
    const first = await bastions.call('POST /', arjen);
    const [ssh] = bastions.containers.running();
    bastions.containers.exit(ssh?.taskId ?? '', 'ssh', 1);
    const second = await bastions.call('POST /', arjen);
    expect(second.status).toBe(200);
    expect(second.json.sessionId).not.toBe(first.json.sessionId);
    expect(openTo(bastions, second.json.host, '198.51.100.4')).toBe(true);
  });
});
