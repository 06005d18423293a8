/** Many sessions come to their end in the same minute, and AWS keeps to its rates. */
import { beforeAll, describe, expect, it } from 'vitest';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { putSessions } from '../../support/many-sessions.ts';
import { hourMs, minuteMs, secondMs } from '../../support/time.ts';

const count = 500;

describe('five hundred bastions that expire at the same time', () => {
  let bastions: Deployment;
  let calls: Record<string, number> = {};
  const failedPasses: string[] = [];

  const pass = async () => {
    calls = {};
    const beganAt = bastions.clock.now();
    const { functionError, payload } = await bastions.invoke('Reaper');
    if (functionError) failedPasses.push(payload);
    await bastions.clock.advance(beganAt + minuteMs - bastions.clock.now());
  };

  beforeAll(async () => {
    bastions = await deploy({
      reaps: false,
      delays: { deprovisioningMs: 20 * secondMs },
      onCall: async (call, proceed, invocation) => {
        if (invocation?.title !== 'Reaper') return proceed();
        calls[call.action] = (calls[call.action] ?? 0) + 1;
        await bastions.clock.sleep(30);
        return proceed();
      },
    });
    const end = bastions.clock.now() + hourMs;
    await putSessions(bastions, count, (session) => ({ ...session, expiresAt: end, reapAt: end }));
    await bastions.clock.advance(end - bastions.clock.now());
    await pass();
  }, 120_000);

  it('have no task any more after one pass, which reads a hundred rows and tasks in one call', async () => {
    expect(await bastions.tasksAlive()).toEqual([]);
    expect(calls).toMatchObject({ BatchGetItem: count / 100, DescribeTasks: (2 * count) / 100 });
    expect(calls).not.toHaveProperty('ListTasks');
  });

  it('are gone after three, because EC2 deletes five groups a second', async () => {
    await pass();
    await pass();
    expect(await bastions.leftovers()).toEqual([]);
    expect(failedPasses).toEqual([]);
  });
});
