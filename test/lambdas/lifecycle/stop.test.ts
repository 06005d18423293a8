import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { failing, missing } from '../../support/interceptors.ts';
import { arjen, publicKey } from '../../support/people.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

describe('DELETE', () => {
  it('removes everything, and soon', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    expect(await bastions.left()).toHaveLength(3);
    expect(await bastions.call('DELETE /', arjen)).toMatchObject({ status: 200, json: {} });
    expect((await bastions.call('GET /', arjen)).status).toBe(404);
    await bastions.clock.advance(5000);
    expect(await bastions.left()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'stopped' }]);
    expect(await bastions.clock.run(bastions.sessions.claimHolder('user#arjen'))).toBeUndefined();
  });

  it('keeps the group as long as a late try could make it once more', async () => {
    let tries = 0;
    const bastions: Deployment = await deploy({
      onCall: async (call, proceed) => {
        if (call.action !== 'CreateSecurityGroup' || tries++ > 0) return proceed();
        bastions.clock.after(20 * secondMs, () => void proceed().catch(() => {})); // nobody hears that the name is taken
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      },
    });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(10 * secondMs);
    expect(await bastions.left()).toEqual([expect.stringMatching(/^security group/)]);
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.left()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
  });

  it('is answered 200 when there is nothing to remove', async () => {
    const bastions = await deploy();
    expect((await bastions.call('DELETE /', arjen)).status).toBe(200);
    await bastions.call('POST /', arjen);
    for (let times = 0; times < 3; times++) expect((await bastions.call('DELETE /', arjen)).status).toBe(200);
  });

  it('does not stand in the way of a new bastion', async () => {
    const bastions = await deploy({ delays: { deprovisioningMs: minuteMs } });
    const first = await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    const second = await bastions.call('POST /', { ...arjen, body: publicKey(2) });
    expect(second.status).toBe(200);
    expect(second.json.sessionId).not.toBe(first.json.sessionId);
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.left()).toHaveLength(3);
    expect((await bastions.call('GET /', arjen)).json.sessionId).toBe(second.json.sessionId);
  });

  it('during a start ends that start', async () => {
    const bastions = await deploy();
    const start = bastions.send('POST /', arjen);
    await bastions.clock.advance(500);
    await bastions.call('DELETE /', arjen);
    expect(await bastions.clock.run(start)).toMatchObject({
      status: 409,
      json: { ErrorMessage: expect.stringMatching(/stopped while it was starting/) },
    });
    await bastions.clock.advance(5000);
    expect(await bastions.left()).toEqual([]);
  });

  it('before AWS has accepted the task leaves nothing either', async () => {
    const bastions = await deploy({
      onCall: async (call, proceed) => {
        if (call.action === 'RunTask') await bastions.clock.sleep(3000);
        return proceed();
      },
    });
    const start = bastions.send('POST /', arjen);
    await bastions.clock.advance(1000);
    expect((await bastions.call('DELETE /', arjen)).status).toBe(200);
    expect((await bastions.clock.run(start)).status).toBe(409);
    await bastions.clock.advance(10 * secondMs);
    expect(await bastions.left()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'stopped' }]);
  });

  it('is carried out by the reaper when its teardown is lost', async () => {
    const bastions = await deploy({
      onCall: async (call, proceed) => (call.action === 'InvokeLater' ? undefined : proceed()),
    });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.invoke('Reaper')).not.toHaveProperty('functionError');
    await bastions.clock.advance(30 * secondMs);
    await bastions.invoke('Reaper');
    expect(await bastions.left()).toEqual([]);
  });

  it('answers 200 although the teardown can not be asked for: the row is due', async () => {
    const bastions = await deploy({ onCall: failing(({ action }) => action === 'Invoke') });
    await bastions.call('POST /', arjen);
    expect((await bastions.call('DELETE /', arjen)).status).toBe(200);
    expect(bastions.logged.map(({ decision }) => decision)).toContain('teardown not enqueued, left to the reaper');
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.left()).toEqual([]);
  });
});

describe('a removal whose security group is gone, and nobody said so', () => {
  const deploySilent = (error: AwsError) => {
    let isSilent = true;
    return deploy({
      onCall: async ({ action }, proceed) => {
        if (action !== 'DeleteSecurityGroup') return proceed();
        if (isSilent) await proceed();
        isSilent = false;
        throw error;
      },
    });
  };

  it.each([
    ['that it is not there', new AwsError('InvalidGroup.NotFound', 'The security group does not exist')],
    ['to be denied, as whose permissions hang on tags', new AwsError('UnauthorizedOperation', 'not authorized', 403)],
  ])('takes it for gone when EC2 tells it %s', async (_, error) => {
    const bastions = await deploySilent(error);
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(3 * minuteMs);
    expect(await bastions.left()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
  });

  it('does not when it is denied and the group is there', async () => {
    const bastions = await deploy({
      onCall: async ({ action }, proceed) => {
        if (action === 'DeleteSecurityGroup') throw new AwsError('UnauthorizedOperation', 'not authorized', 403);
        return proceed();
      },
    });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(3 * minuteMs);
    expect(await bastions.left()).toEqual([expect.stringMatching(/^security group/)]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopping' }]);
    expect(await bastions.invoke('Reaper')).toMatchObject({ functionError: 'Unhandled' });
  });
});

describe('a removal that is told that ECS does not know the task', () => {
  const unknown = async (atTheEnd: (bastions: Deployment) => void) => {
    const asked: string[] = [];
    let known = true;
    const bastions = await deploy({
      reaps: false,
      onCall: async (call, proceed) => {
        if (call.kind === 'delivery') return undefined;
        asked.push(call.action);
        return known ? proceed() : missing(call, proceed);
      },
    });
    await bastions.call('POST /', arjen);
    atTheEnd(bastions);
    await bastions.clock.advance(61 * minuteMs);
    known = false;
    asked.length = 0;
    await bastions.invoke('Reaper');
    const [row] = await bastions.rows();
    return { state: row?.state, count: (action: string) => asked.filter((one) => one === action).length };
  };

  it('believes it when the list of tasks, which it reads once, has none either', async () => {
    const { state, count } = await unknown(({ containers }) =>
      containers.exit(containers.running()[0]?.taskId ?? '', 'ssh', 0),
    );
    expect([state, count('ListTasks'), count('StopTask')]).toEqual(['stopped', 1, 0]);
  });

  it('does not believe it when the list has the task, and stops it', async () => {
    const { state, count } = await unknown(() => {});
    expect([state, count('ListTasks'), count('StopTask')]).toEqual(['stopping', 1, 1]);
  });
});

describe('a security group that AWS still counts as used', () => {
  it('is deleted as soon as its interface is gone, fifteen minutes later', async () => {
    const bastions = await deploy({ delays: { deprovisioningMs: 15 * minuteMs } });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(14 * minuteMs);
    expect(await bastions.left()).toHaveLength(3);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopping' }]);
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.left()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
  });

  it('counts as overdue from the moment its removal was asked for', async () => {
    const bastions = await deploy({ delays: { deprovisioningMs: 15 * minuteMs } });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(12 * minuteMs);
    expect(Math.max(...bastions.passes)).toBeGreaterThan(600);
  });
});
