/** What an owner is told before the end of a bastion. */
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { isAgents } from '../../simulation/ledger.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment, DeploymentOptions } from '../../support/deployment.ts';
import { handoffItems, remnantsOf } from '../../support/handoffs.ts';
import { arjen } from '../../support/people.ts';
import { taskIdOf } from '../../support/task-id.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

/** Deploys and starts a bastion for so long. */
async function started(ttl: string, options?: DeploymentOptions): Promise<Deployment> {
  const bastions = await deploy(options);
  expect(await bastions.call('POST /', { ...arjen, query: { ...arjen.query, ttl } })).toMatchObject({ status: 200 });
  return bastions;
}

const notices = async (bastions: Deployment) => {
  const [row] = await bastions.rows();
  return bastions.containers.noticesOf(taskIdOf(row?.taskArn));
};

const extend = (bastions: Deployment, ttl: string) =>
  bastions.call('POST /', { ...arjen, query: { ...arjen.query, ttl } });

describe('the owner of a bastion', () => {
  it('is warned 15 and 5 minutes before its end, in a terminal', async () => {
    const bastions = await started('1h');
    await bastions.clock.advance(44 * minuteMs);
    expect(await notices(bastions)).toEqual([]);
    await bastions.clock.advance(3 * minuteMs);
    expect(await notices(bastions)).toEqual([
      'This bastion ends in 15 minutes, at 01:00 UTC. To extend it: bastion extend 1h',
    ]);
    await bastions.clock.advance(10 * minuteMs);
    expect(await notices(bastions)).toEqual([
      expect.any(String),
      'This bastion ends in 5 minutes, at 01:00 UTC. To extend it: bastion extend 1h',
    ]);
    expect(await bastions.rows()).toMatchObject([{ state: 'running', warned: { minutes: 5 } }]);
    expect(await handoffItems(bastions)).toEqual([]);
  });

  it('is warned of the other end after an extension', async () => {
    const bastions = await started('1h');
    await bastions.clock.advance(57 * minuteMs);
    await extend(bastions, '1h');
    await bastions.clock.advance(40 * minuteMs);
    expect(await notices(bastions)).toHaveLength(2);
    await bastions.clock.advance(8 * minuteMs);
    expect(await notices(bastions)).toHaveLength(3);
    expect((await notices(bastions)).at(-1)).toMatch(/in 1[45] minutes, at 01:57 UTC/);
  });

  it('is told when it can not be extended', async () => {
    const bastions = await started('1h', { environment: { MAX_LIFETIME_SECONDS: '3600' } });
    await bastions.clock.advance(47 * minuteMs);
    expect(await notices(bastions)).toEqual([
      'This bastion ends in 15 minutes, at 01:00 UTC. It can not be extended: its longest lifetime is over then.',
    ]);
  });

  it('is warned once of an end that they bring near', async () => {
    const bastions = await started('1h');
    await bastions.clock.advance(20 * minuteMs);
    await extend(bastions, '12m');
    await bastions.clock.advance(3 * minuteMs);
    expect(await notices(bastions)).toEqual([expect.stringContaining('ends in 1')]);
  });

  it('is not warned of what they have chosen: a bastion for ten minutes has one warning', async () => {
    const bastions = await started('10m');
    await bastions.clock.advance(9 * minuteMs);
    expect(await notices(bastions)).toEqual([expect.stringContaining('in 5 minutes')]);
  });
});

describe('a warning', () => {
  const isWarning = (call: { readonly action: string }) => call.action === 'TransactWriteItems';

  it('comes by a later pass when AWS refuses it', async () => {
    let refusals = 0;
    const bastions = await started('1h', {
      onCall: async (call, proceed) => {
        if (!isWarning(call) || ++refusals > 3) return proceed();
        throw new AwsError('InternalServerError', 'Internal server error', 500);
      },
    });
    await bastions.clock.advance(48 * minuteMs);
    expect(refusals).toBeGreaterThan(3);
    expect(await notices(bastions)).toHaveLength(1);
  });

  it('is given once although its answer is lost', async () => {
    let tries = 0;
    const bastions = await started('1h', {
      onCall: async (call, proceed) => {
        const output = await proceed();
        if (isWarning(call) && ++tries === 1) throw new AwsError('InternalServerError', 'Internal server error', 500);
        return output;
      },
    });
    await bastions.clock.advance(50 * minuteMs);
    expect(tries).toBe(2);
    expect(await notices(bastions)).toHaveLength(1);
  });

  it('leaves nothing behind when the bastion is stopped at the same time', async () => {
    let isStopped = false;
    const bastions: Deployment = await started('1h', {
      onCall: async (call, proceed) => {
        if (isWarning(call) && !isStopped) {
          isStopped = true;
          await bastions.send('DELETE /', arjen);
          await bastions.clock.sleep(30 * secondMs);
        }
        return proceed();
      },
    });
    await bastions.clock.advance(50 * minuteMs);
    expect(isStopped).toBe(true);
    expect(await notices(bastions)).toEqual([]);
    expect(await remnantsOf(bastions)).toEqual([]);
  });

  it('stands in the row also when the agent leaves the one before it unread', async () => {
    let isDeaf = false;
    const bastions = await started('1h', {
      onCall: async (call, proceed, invocation) => {
        if (isDeaf && invocation === undefined && isAgents(call))
          throw new AwsError('InternalServerError', 'Internal server error', 500);
        return proceed();
      },
    });
    isDeaf = true;
    await bastions.clock.advance(56 * minuteMs);
    expect(await bastions.rows()).toMatchObject([{ warned: { minutes: 5 } }]);
    expect(await handoffItems(bastions)).toMatchObject([{ values: { NOTICE: expect.stringContaining('15 minutes') } }]);
  });
});
