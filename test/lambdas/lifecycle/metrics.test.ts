/** The figures that the dashboard shows. */
import { describe, expect, it } from 'vitest';
import { idleExitCode } from '../../../contracts/agent.ts';
import { deploy, deployPooled } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { arjen, berta, personArn, publicKey } from '../../support/people.ts';
import { taskIdOf } from '../../support/task-id.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

const exit = (bastions: Deployment, taskArn = '', code = 1) => bastions.containers.exit(taskIdOf(taskArn), 'ssh', code);

describe('the time of a start', () => {
  it('runs from the request to the moment that sshd is known to answer', async () => {
    const bastions = await deploy();
    const before = bastions.clock.now();
    await bastions.call('POST /', arjen);
    const seconds = (bastions.clock.now() - before) / 1000;
    expect(bastions.starts).toEqual([{ kind: 'on-demand', seconds: expect.closeTo(seconds, 0) }]);
  });

  it('is reported once, although several requests find the bastion up at the same time', async () => {
    const bastions = await deploy({
      onCall: async (call, proceed) => {
        if (call.action === 'PutItem') await bastions.clock.sleep(secondMs); // other requests look meanwhile
        return proceed();
      },
    });
    const requests = Array.from({ length: 5 }, () => bastions.send('POST /', arjen));
    await bastions.clock.run(Promise.all(requests));
    expect(bastions.logged.filter(({ decision }) => decision === 'bastion ready').length).toBeGreaterThan(1);
    expect(bastions.starts).toHaveLength(1);
  });

  it('of a bastion from the pool begins when its owner asks', async () => {
    const bastions = await deployPooled();
    await bastions.clock.advance(10 * minuteMs);
    expect(bastions.starts).toEqual([]);
    await bastions.call('POST /', arjen);
    expect(bastions.starts).toEqual([{ kind: 'pool', seconds: expect.any(Number) }]);
    expect(bastions.starts[0]?.seconds).toBeLessThan(2);
  });
});

describe('a failed start', () => {
  it('is counted once, when it is removed', async () => {
    const bastions = await deploy();
    bastions.containers.exitAtStart('ssh', 65);
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 502 });
    await bastions.clock.advance(5 * minuteMs);
    expect(bastions.failedStarts).toEqual(['on-demand']);
  });

  it('is none of the sessions that end otherwise', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    await bastions.call('DELETE /', arjen);
    await bastions.call('POST /', berta);
    const running = (await bastions.rows()).find(({ state }) => state === 'running');
    exit(bastions, running?.taskArn, idleExitCode);
    await bastions.clock.advance(5 * minuteMs);
    expect((await bastions.rows()).map(({ reason }) => reason)).toEqual(['idle', 'stopped']);
    expect(bastions.failedStarts).toEqual([]);
  });

  it('of the pool is counted apart', async () => {
    const bastions = await deployPooled();
    bastions.containers.exitAtStart('ssh', 65);
    await bastions.clock.advance(3 * minuteMs);
    expect(new Set(bastions.failedStarts)).toEqual(new Set(['pool']));
  });
});

describe('the pool’s answers', () => {
  it('are hits while it has a free bastion, and then a miss', async () => {
    const bastions = await deployPooled();
    await bastions.clock.advance(2 * minuteMs);
    for (const user of ['ann', 'bob', 'cy']) {
      await bastions.call('POST /', { by: personArn(user), body: publicKey(1) });
      await bastions.call('POST /', { by: personArn(user), body: publicKey(1) });
    }
    expect(bastions.poolAnswers).toEqual([true, true, false]);
  });

  it('are none without a pool', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    expect(bastions.poolAnswers).toEqual([]);
  });
});

describe('a pass of the reaper', () => {
  it('counts what a start could take, and every ten minutes the live sessions', async () => {
    const bastions = await deployPooled();
    await bastions.clock.advance(3 * minuteMs);
    await bastions.call('POST /', arjen);
    await bastions.clock.advance(20 * minuteMs + 30 * secondMs);
    expect(bastions.passes.at(-1)).toMatchObject({ poolReady: 2 });
    const counts = bastions.passes.flatMap(({ liveSessions }) => liveSessions ?? []);
    expect(counts.at(-1)).toBe(3);
    expect(counts.length).toBeGreaterThanOrEqual(2);
    expect(counts.length).toBeLessThanOrEqual(3);
  });

  it('counts no pool where there is none', async () => {
    const bastions = await deploy();
    await bastions.clock.advance(2 * minuteMs);
    expect(bastions.passes.map(({ poolReady }) => poolReady)).toEqual(bastions.passes.map(() => undefined));
    expect(bastions.passes.length).toBeGreaterThan(0);
  });
});
