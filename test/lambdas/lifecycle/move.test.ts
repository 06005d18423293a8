import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { deploy } from '../../support/deploy.ts';
import { type Deployment, type Invocation, openTo } from '../../support/deployment.ts';
import { arjen, elsewhere, home } from '../../support/people.ts';
import { minuteMs } from '../../support/time.ts';

describe('asking', () => {
  it('from another address lets that one in and the old one out, in place', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    const second = await bastions.call('POST /', { ...arjen, from: elsewhere });
    expect(second.json).toMatchObject({ sessionId: first.json.sessionId, allowedCidrs: [`${elsewhere}/32`] });
    expect(openTo(bastions, second.json.host, elsewhere)).toBe(true);
    expect(openTo(bastions, second.json.host, home)).toBe(false);
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
      bastions.send('POST /', { ...arjen, from: elsewhere }).catch(() => {});
      await bastions.clock.advance(2 * minuteMs);
      const query = { ...arjen.query, ...more };
      expect((await bastions.call('POST /', { ...arjen, query, from: elsewhere })).status).toBe(200);
      expect(openTo(bastions, json.host, elsewhere)).toBe(true);
      expect(openTo(bastions, json.host, home)).toBe(false);
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
          bastions.send('POST /', { ...arjen, from: elsewhere }).catch(() => {});
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
    await bastions.clock.advance(5.5 * minuteMs);
    // Half a minute after its check-up was due a request confirms the addresses of the row.
    isArmed = true;
    await bastions.call('POST /', arjen);
    const row = await bastions.clock.run(bastions.sessions.find(json.sessionId));
    expect(row?.allowedCidrs).toEqual([`${elsewhere}/32`]);
    expect(row?.reapAt).toBeLessThanOrEqual(bastions.clock.now() + minuteMs);
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
    const dying = bastions.send('POST /', { ...arjen, from: elsewhere });
    await bastions.clock.advance(1000);
    expect((await bastions.call('POST /', { ...arjen, from: '203.0.113.5' })).status).toBe(200);
    overtaken.resolve();
    expect((await bastions.clock.run(dying)).status).toBe(503);
    expect(openTo(bastions, json.host, elsewhere)).toBe(true);
    await bastions.clock.advance(2 * minuteMs);
    expect(openTo(bastions, json.host, elsewhere)).toBe(false);
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
        if (call.service === 'ec2') locked.push(!openTo(bastions, host, elsewhere));
        return output;
      },
    });
    ({ host } = (await bastions.call('POST /', arjen)).json);
    await bastions.clock.advance(6 * minuteMs);
    const fn = bastions.stack.functions.find(({ title }) => title === 'Reaper');
    const pass = bastions.aws.lambda.invoke(fn?.name ?? '', {});
    await bastions.clock.advance(1000);
    expect((await bastions.call('POST /', { ...arjen, from: elsewhere })).status).toBe(200);
    moved.resolve();
    await bastions.clock.run(pass);
    expect(locked.length).toBeGreaterThan(1);
    expect(locked).not.toContain(true);
    expect(openTo(bastions, host, home)).toBe(false);
  });

  it('while the first start is under way waits for that one, with the newer address', async () => {
    const bastions = await deploy();
    const [first, second] = await bastions.clock.run(
      Promise.all([bastions.send('POST /', arjen), bastions.send('POST /', { ...arjen, from: elsewhere })]),
    );
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.json.sessionId).toBe(second.json.sessionId);
    const row = await bastions.clock.run(bastions.sessions.find(first.json.sessionId));
    for (const source of [home, elsewhere]) {
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
    expect(openTo(bastions, moved.json.host, home)).toBe(false);
  });
});
