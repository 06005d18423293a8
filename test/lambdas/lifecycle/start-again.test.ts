import { describe, expect, it } from 'vitest';
import { deploy } from '../../support/deploy.ts';
import { type Deployment, isAllowed } from '../../support/deployment.ts';
import { nothingArrives } from '../../support/interceptors.ts';
import { arjen, elsewhere, home, publicKey } from '../../support/people.ts';
import { reapHourly } from '../../support/reap.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

describe('a second POST /', () => {
  it('returns the live bastion', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    for (const body of [publicKey(1), `${publicKey(1)} another comment`, '']) {
      expect((await bastions.call('POST /', { ...arjen, body })).json.sessionId).toBe(first.json.sessionId);
    }
    expect(bastions.containers.running()).toHaveLength(1);
  });

  it('finds the same bastion in any case of the user name', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    const second = await bastions.call('POST /', { ...arjen, query: { user: 'ARJEN' } });
    expect(second.json).toMatchObject({ sessionId: first.json.sessionId, user: 'arjen' });
  });

  it('sent twenty times at once starts one bastion', async () => {
    const bastions = await deploy();
    const replies = await bastions.clock.run(
      Promise.all(Array.from({ length: 20 }, () => bastions.send('POST /', arjen))),
    );
    expect(new Set(replies.map(({ json }) => json.sessionId)).size).toBe(1);
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    expect(bastions.containers.running()).toHaveLength(1);
    expect(await bastions.rows()).toHaveLength(1);
  });

  it('with another key is refused while the first bastion lives', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    const reply = await bastions.call('POST /', { ...arjen, body: publicKey(2), from: elsewhere });
    expect(reply).toMatchObject({ status: 409, json: { ErrorMessage: expect.stringMatching(/Stop it first/) } });
    const [row] = await bastions.rows();
    expect(row?.allowedCidrs).toEqual([`${home}/32`]);
  });

  it('with a ttl moves the expiry, at most to the longest lifetime', async () => {
    const bastions = await deploy({ reaps: false });
    const first = await bastions.call('POST /', arjen);
    const createdAt = Date.parse(first.json.createdAt);
    const expiryAfter = async (hours: number, ttl?: string) => {
      await reapHourly(bastions, hours);
      const { json } = await bastions.call('POST /', { ...arjen, query: { user: 'arjen', ...(ttl && { ttl }) } });
      expect(json.sessionId).toBe(first.json.sessionId);
      return Math.round((Date.parse(json.expiresAt) - createdAt) / minuteMs);
    };
    expect(await expiryAfter(0.5, '8h')).toBe(8 * 60 + 30);
    expect(await expiryAfter(7.5)).toBe(8 * 60 + 30);
    expect(await expiryAfter(0.25, '8h')).toBe(16 * 60 + 15);
    expect(await expiryAfter(7.75, '8h')).toBe(24 * 60);
    expect(await expiryAfter(0.5, '1m')).toBe(16 * 60 + 31);
  });

  it('starts a new bastion after the expiry, although no reaper has passed', async () => {
    const bastions = await deploy({ reaps: false });
    const first = await bastions.call('POST /', arjen);
    await bastions.clock.advance(3_600_001);
    expect((await bastions.call('GET /', arjen)).status).toBe(404);
    const second = await bastions.call('POST /', arjen);
    expect(second.status).toBe(200);
    expect(second.json.sessionId).not.toBe(first.json.sessionId);
  });

  it('starts a new bastion after the container’s end, although its event is lost', async () => {
    const bastions = await deploy({ reaps: false, onCall: nothingArrives });
    const first = await bastions.call('POST /', arjen);
    const [ssh] = bastions.containers.running();
    bastions.containers.exit(ssh?.taskId ?? '', 'ssh', 1);
    await bastions.clock.advance(10 * secondMs);
    const second = await bastions.call('POST /', arjen);
    expect(second.status).toBe(200);
    expect(second.json.sessionId).not.toBe(first.json.sessionId);
  });

  it('is told to try again if the removal of an ended bastion took the time for a new one', async () => {
    let isSlow = true;
    const bastions: Deployment = await deploy({
      reaps: false,
      onCall: async (call, proceed, invocation) => {
        if (call.kind === 'delivery') return undefined;
        if (isSlow && invocation && call.action === 'DeleteSecurityGroup') await bastions.clock.sleep(20 * secondMs);
        if (isSlow && call.action === 'CreateSecurityGroup' && call.at > bornAt)
          await bastions.clock.sleep(10 * secondMs);
        return proceed();
      },
    });
    let bornAt = Number.POSITIVE_INFINITY;
    await bastions.call('POST /', arjen);
    bornAt = bastions.clock.now();
    const [ssh] = bastions.containers.running();
    bastions.containers.exit(ssh?.taskId ?? '', 'ssh', 1);
    await bastions.clock.advance(10 * secondMs);
    expect(await bastions.call('POST /', arjen)).toMatchObject({
      status: 409,
      json: { ErrorMessage: expect.stringMatching(/has just ended.*Try again/) },
    });
    expect(await bastions.rows()).toHaveLength(1);
    isSlow = false;
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
  });

  it('is answered in time if it fails late, and leaves the removal to others', async () => {
    const bastions: Deployment = await deploy({
      onCall: async (call, proceed, invocation) => {
        if (invocation?.title === 'Start' && call.action === 'RunTask') await bastions.clock.sleep(22 * secondMs);
        if (invocation?.title === 'Start' && call.action === 'DescribeTasks') await bastions.clock.sleep(10 * secondMs);
        return proceed();
      },
    });
    const start = bastions.send('POST /', arjen);
    await bastions.clock.advance(5 * secondMs);
    await bastions.call('DELETE /', arjen);
    expect(await bastions.clock.run(start)).toMatchObject({
      status: 409,
      json: { ErrorMessage: 'This bastion was stopped while it was starting. Try again for a new one.' },
    });
    await bastions.clock.advance(3 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('starts a new bastion while the interface of the ended one lingers', async () => {
    const bastions = await deploy({ delays: { deprovisioningMs: 15 * minuteMs } });
    const first = await bastions.call('POST /', arjen);
    const [ssh] = bastions.containers.running();
    bastions.containers.exit(ssh?.taskId ?? '', 'ssh', 1);
    const second = await bastions.call('POST /', arjen);
    expect(second.status).toBe(200);
    expect(second.json.sessionId).not.toBe(first.json.sessionId);
    expect(isAllowed(bastions, second.json.host, home)).toBe(true);
  });
});
