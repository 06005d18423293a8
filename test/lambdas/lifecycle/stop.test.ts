import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { failing, missing } from '../../support/interceptors.ts';
import { arjen, publicKey } from '../../support/people.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

describe('a DELETE /', () => {
  it('removes everything within seconds', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    expect(await bastions.leftovers()).toHaveLength(3);
    expect(await bastions.call('DELETE /', arjen)).toMatchObject({ status: 200, json: {} });
    expect((await bastions.call('GET /', arjen)).status).toBe(404);
    await bastions.clock.advance(5000);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'stopped' }]);
    expect(await bastions.clock.run(bastions.sessions.claimHolder('user#arjen'))).toBeUndefined();
  });

  it('keeps the row while a late try could still make the group', async () => {
    let tries = 0;
    const bastions: Deployment = await deploy({
      onCall: async (call, proceed) => {
        if (call.action !== 'CreateSecurityGroup' || tries++ > 0) return proceed();
        bastions.clock.after(20 * secondMs, () => void proceed().catch(() => {})); // AWS refuses it if the name is taken
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      },
    });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(10 * secondMs);
    expect(await bastions.leftovers()).toEqual([expect.stringMatching(/^security group/)]);
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
  });

  it('is answered 200 if there is nothing to remove', async () => {
    const bastions = await deploy();
    expect((await bastions.call('DELETE /', arjen)).status).toBe(200);
    await bastions.call('POST /', arjen);
    for (let times = 0; times < 3; times++) expect((await bastions.call('DELETE /', arjen)).status).toBe(200);
  });

  it('allows a new bastion at once', async () => {
    const bastions = await deploy({ delays: { deprovisioningMs: minuteMs } });
    const first = await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    const second = await bastions.call('POST /', { ...arjen, body: publicKey(2) });
    expect(second.status).toBe(200);
    expect(second.json.sessionId).not.toBe(first.json.sessionId);
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.leftovers()).toHaveLength(3);
    expect((await bastions.call('GET /', arjen)).json.sessionId).toBe(second.json.sessionId);
  });

  it('ends a start that is under way', async () => {
    const bastions = await deploy();
    const start = bastions.send('POST /', arjen);
    await bastions.clock.advance(500);
    await bastions.call('DELETE /', arjen);
    expect(await bastions.clock.run(start)).toMatchObject({
      status: 409,
      json: { ErrorMessage: expect.stringMatching(/stopped while it was starting/) },
    });
    await bastions.clock.advance(5000);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('before AWS accepts the task leaves nothing', async () => {
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
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'stopped' }]);
  });

  it('is carried out by the reaper if its teardown is lost', async () => {
    const bastions = await deploy({
      onCall: async (call, proceed) => (call.action === 'InvokeLater' ? undefined : proceed()),
    });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.invoke('Reaper')).not.toHaveProperty('functionError');
    await bastions.clock.advance(30 * secondMs);
    await bastions.invoke('Reaper');
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('is answered 200 if the teardown can not be invoked, because the row is due', async () => {
    const bastions = await deploy({ onCall: failing(({ action }) => action === 'Invoke') });
    await bastions.call('POST /', arjen);
    expect((await bastions.call('DELETE /', arjen)).status).toBe(200);
    expect(bastions.logged.map(({ decision }) => decision)).toContain('teardown not enqueued, left to the reaper');
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
  });
});

describe('a removal whose security group is gone after a lost answer', () => {
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
    [
      'that it is denied, as for a permission that depends on tags',
      new AwsError('UnauthorizedOperation', 'not authorized', 403),
    ],
  ])('succeeds if EC2 says %s', async (_, error) => {
    const bastions = await deploySilent(error);
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(3 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
  });

  it('fails if EC2 denies it and the group is there', async () => {
    const bastions = await deploy({
      onCall: async ({ action }, proceed) => {
        if (action === 'DeleteSecurityGroup') throw new AwsError('UnauthorizedOperation', 'not authorized', 403);
        return proceed();
      },
    });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(3 * minuteMs);
    expect(await bastions.leftovers()).toEqual([expect.stringMatching(/^security group/)]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopping' }]);
    expect(await bastions.invoke('Reaper')).toMatchObject({ functionError: 'Unhandled' });
  });
});

describe('a removal whose task ECS does not find', () => {
  const removeUnknownTask = async (endTask: (bastions: Deployment) => void) => {
    const actions: string[] = [];
    let isKnown = true;
    const bastions = await deploy({
      reaps: false,
      onCall: async (call, proceed) => {
        if (call.kind === 'delivery') return undefined;
        actions.push(call.action);
        return isKnown ? proceed() : missing(call, proceed);
      },
    });
    await bastions.call('POST /', arjen);
    endTask(bastions);
    await bastions.clock.advance(61 * minuteMs);
    isKnown = false;
    actions.length = 0;
    await bastions.invoke('Reaper');
    const [row] = await bastions.rows();
    return { state: row?.state, count: (action: string) => actions.filter((one) => one === action).length };
  };

  it('takes it for gone if the list of tasks lacks it too', async () => {
    const { state, count } = await removeUnknownTask(({ containers }) =>
      containers.exit(containers.running()[0]?.taskId ?? '', 'ssh', 0),
    );
    expect([state, count('ListTasks'), count('StopTask')]).toEqual(['stopped', 1, 0]);
  });

  it('stops it if the list of tasks has it', async () => {
    const { state, count } = await removeUnknownTask(() => {});
    expect([state, count('ListTasks'), count('StopTask')]).toEqual(['stopping', 1, 1]);
  });
});

describe('a security group with a lingering interface', () => {
  it('is deleted when the interface is gone after fifteen minutes', async () => {
    const bastions = await deploy({ delays: { deprovisioningMs: 15 * minuteMs } });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(14 * minuteMs);
    expect(await bastions.leftovers()).toHaveLength(3);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopping' }]);
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
  });

  it('makes its session overdue from the DELETE on', async () => {
    const bastions = await deploy({ delays: { deprovisioningMs: 15 * minuteMs } });
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(12 * minuteMs);
    expect(Math.max(...bastions.passes.map(({ oldestOverdueSeconds }) => oldestOverdueSeconds))).toBeGreaterThan(600);
  });
});
