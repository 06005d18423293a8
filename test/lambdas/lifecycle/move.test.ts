import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { deploy } from '../../support/deploy.ts';
import { type Deployment, type Invocation, isAllowed } from '../../support/deployment.ts';
import { arjen, elsewhere, home } from '../../support/people.ts';
import { minuteMs } from '../../support/time.ts';

describe('a POST / from another address', () => {
  it('replaces the allowed address of the same bastion', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    const second = await bastions.call('POST /', { ...arjen, from: elsewhere });
    expect(second.json).toMatchObject({ sessionId: first.json.sessionId, allowedCidrs: [`${elsewhere}/32`] });
    expect(isAllowed(bastions, second.json.host, elsewhere)).toBe(true);
    expect(isAllowed(bastions, second.json.host, home)).toBe(false);
  });

  // DescribeSecurityGroups may show a group's rules as they were two minutes ago.
  describe('on an EC2 that shows rules late', () => {
    const office = '192.0.2.9';
    const allowedOf = (bastions: Deployment, host: string) =>
      [home, elsewhere, office].filter((source) => isAllowed(bastions, host, source));

    it.each([
      { by: [elsewhere, home], goal: home },
      { by: [elsewhere, office], goal: office },
      { by: [elsewhere, office, elsewhere, home], goal: home },
    ])('allows the last of home, $by alone', async ({ by, goal }) => {
      const bastions = await deploy({ delays: { rulesVisibleMs: 2 * minuteMs } });
      const { json } = await bastions.call('POST /', arjen);
      await bastions.clock.advance(3 * minuteMs);
      for (const from of by) expect((await bastions.call('POST /', { ...arjen, from })).status).toBe(200);
      expect(allowedOf(bastions, json.host)).toEqual([goal]);
      await bastions.clock.advance(20 * minuteMs);
      expect(allowedOf(bastions, json.host)).toEqual([goal]);
    });

    it.each(['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'])(
      'is confirmed within two minutes if the move died before its %s',
      async (action) => {
        let isDying = false;
        const bastions = await deploy({
          delays: { rulesVisibleMs: 2 * minuteMs },
          onCall: async (call, proceed, invocation) => {
            if (!isDying || !invocation || call.action !== action) return proceed();
            isDying = false;
            invocation.isDead = true;
            return new Promise(() => {});
          },
        });
        const { json } = await bastions.call('POST /', arjen);
        await bastions.call('POST /', { ...arjen, from: elsewhere });
        isDying = true;
        bastions.send('POST /', { ...arjen, from: home }).catch(() => {});
        await bastions.clock.advance(2 * minuteMs);
        expect(allowedOf(bastions, json.host)).toEqual([home]);
      },
    );
  });

  it.each([{}, { ttl: '30m' }])('is allowed although an earlier request died halfway: %j', async (more) => {
    let isDying = false;
    const bastions = await deploy({
      reaps: false,
      onCall: async (call, proceed, invocation) => {
        if (!isDying || !invocation || call.action !== 'DescribeSecurityGroups') return proceed();
        isDying = false;
        invocation.isDead = true; // the row has the new address already, the group has not
        return new Promise(() => {});
      },
    });
    const { json } = await bastions.call('POST /', arjen);
    isDying = true;
    bastions.send('POST /', { ...arjen, from: elsewhere }).catch(() => {});
    await bastions.clock.advance(2 * minuteMs);
    const query = { ...arjen.query, ...more };
    expect((await bastions.call('POST /', { ...arjen, query, from: elsewhere })).status).toBe(200);
    expect(isAllowed(bastions, json.host, elsewhere)).toBe(true);
    expect(isAllowed(bastions, json.host, home)).toBe(false);
  });

  it('is due for confirmation soon if its function died, also while the reaper confirms the old address', async () => {
    const died = Promise.withResolvers<void>();
    let isArmed = false;
    let confirmingInvocation: Invocation | undefined;
    const bastions = await deploy({
      reaps: false,
      onCall: async (call, proceed, invocation) => {
        if (!isArmed || call.action !== 'PutItem' || !invocation) return proceed();
        if (confirmingInvocation === undefined) {
          confirmingInvocation = invocation;
          bastions.send('POST /', { ...arjen, from: elsewhere }).catch(() => {});
          await died.promise;
          return proceed();
        }
        if (invocation === confirmingInvocation) return proceed();
        await proceed();
        invocation.isDead = true; // the row has the new address, the group has not
        died.resolve();
        return new Promise(() => {});
      },
    });
    const { json } = await bastions.call('POST /', arjen);
    await bastions.clock.advance(5.5 * minuteMs);
    // Half a minute after its check-up was due the reaper confirms the addresses of the row.
    isArmed = true;
    await bastions.invoke('Reaper');
    const row = await bastions.clock.run(bastions.sessions.find(json.sessionId));
    expect(row?.allowedCidrs).toEqual([`${elsewhere}/32`]);
    expect(row?.reapAt).toBeLessThanOrEqual(bastions.clock.now() + minuteMs);
  });

  it('lets in the owner who has come back while it removes their old rule', async () => {
    let isBack = true;
    const bastions: Deployment = await deploy({
      onCall: async (call, proceed) => {
        if (call.action === 'RevokeSecurityGroupIngress' && !isBack) {
          isBack = true;
          // The group has the rule still, so this request adds none.
          expect((await bastions.send('POST /', arjen)).status).toBe(200);
        }
        return proceed();
      },
    });
    const { json } = await bastions.call('POST /', arjen);
    isBack = false;
    expect((await bastions.call('POST /', { ...arjen, from: elsewhere })).status).toBe(200);
    expect(isAllowed(bastions, json.host, home)).toBe(true);
    expect(isAllowed(bastions, json.host, elsewhere)).toBe(false);
  });

  it('leaves exactly the address in the row when eight come at once', async () => {
    const bastions = await deploy();
    const { json } = await bastions.call('POST /', arjen);
    const sources = Array.from({ length: 8 }, (_, n) => `203.0.113.${n + 1}`);
    await bastions.clock.run(Promise.all(sources.map((from) => bastions.send('POST /', { ...arjen, from }))));
    const row = await bastions.clock.run(bastions.sessions.find(json.sessionId));
    const open = sources.filter((source) => isAllowed(bastions, json.host, source));
    expect(open.map((source) => `${source}/32`)).toEqual(row?.allowedCidrs);
  });

  it('is shut out again within two minutes if another request overtook it and it died', async () => {
    const overtaken = Promise.withResolvers<void>();
    let isArmed = false;
    let slowInvocation: Invocation | undefined;
    let hasOpened = false;
    const bastions = await deploy({
      onCall: async (call, proceed, invocation) => {
        if (isArmed) slowInvocation ??= invocation;
        if (slowInvocation === undefined || invocation !== slowInvocation) return proceed();
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
    expect(isAllowed(bastions, json.host, elsewhere)).toBe(true);
    await bastions.clock.advance(2 * minuteMs);
    expect(isAllowed(bastions, json.host, elsewhere)).toBe(false);
    expect(isAllowed(bastions, json.host, '203.0.113.5')).toBe(true);
  });

  it('stays allowed during a check-up by a reaper that had read the old address', async () => {
    const moved = Promise.withResolvers<void>();
    const lockOuts: boolean[] = [];
    let host = '';
    const bastions: Deployment = await deploy({
      reaps: false,
      onCall: async (call, proceed, invocation) => {
        if (invocation?.title !== 'Reaper') return proceed();
        if (call.action === 'DescribeSecurityGroups') await moved.promise;
        const output = await proceed();
        if (call.service === 'ec2') lockOuts.push(!isAllowed(bastions, host, elsewhere));
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
    expect(lockOuts.length).toBeGreaterThan(1);
    expect(lockOuts).not.toContain(true);
    expect(isAllowed(bastions, host, home)).toBe(false);
  });

  it('waits for the first start if that is under way, and replaces its address', async () => {
    const bastions = await deploy();
    const [first, second] = await bastions.clock.run(
      Promise.all([bastions.send('POST /', arjen), bastions.send('POST /', { ...arjen, from: elsewhere })]),
    );
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.json.sessionId).toBe(second.json.sessionId);
    const row = await bastions.clock.run(bastions.sessions.find(first.json.sessionId));
    for (const source of [home, elsewhere]) {
      expect(isAllowed(bastions, first.json.host, source)).toBe(row?.allowedCidrs.includes(`${source}/32`));
    }
  });

  it('succeeds while EC2 does not know the new group everywhere yet', async () => {
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
    expect(isAllowed(bastions, moved.json.host, '198.51.100.9')).toBe(true);
    expect(isAllowed(bastions, moved.json.host, home)).toBe(false);
  });
});
