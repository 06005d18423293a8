/** The start function writes the handoff between RunTask and the move to `running`. The write may fail, or come twice. */
import { describe, expect, it } from 'vitest';
import { AwsError, type Interceptor } from '../../../emulator/wire.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment, DeploymentOptions } from '../../support/deployment.ts';
import { handoffItems, putsHandoff, remnantsOf, startStepOf } from '../../support/handoffs.ts';
import { arjen } from '../../support/people.ts';
import { secondMs } from '../../support/time.ts';

const internalError = new AwsError('InternalServerError', 'Internal server error', 500);

it('a start writes the row’s task, then the handoff, then that the row runs', async () => {
  const steps: string[] = [];
  const bastions = await deploy({
    onCall: async (call, proceed) => {
      const output = await proceed();
      const step = startStepOf(call);
      if (step !== undefined) steps.push(step);
      return output;
    },
  });
  expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
  expect(steps.filter((step) => step !== 'AuthorizeSecurityGroupIngress')).toEqual([
    'RunTask',
    'the row names the task',
    'the handoff',
    'the row runs',
  ]);
  expect(steps.indexOf('AuthorizeSecurityGroupIngress')).toBeLessThan(steps.indexOf('the row runs'));
});

describe('a handoff whose write fails', () => {
  const failingPut = (failures: number, hasEffect: boolean): Interceptor => {
    let count = 0;
    return async (call, proceed) => {
      if (!putsHandoff(call) || ++count > failures) return proceed();
      if (hasEffect) await proceed();
      throw internalError;
    };
  };

  it.each([
    ['before its effect', false],
    ['after its effect', true],
  ])('%s, once, does no harm', async (_, hasEffect) => {
    const bastions = await deploy({ onCall: failingPut(1, hasEffect) });
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    await bastions.call('DELETE /', arjen);
    expect(await remnantsOf(bastions)).toEqual([]);
  });

  it.each([
    ['before its effect', false],
    ['after its effect', true],
  ])('%s, at every try, ends the start with 503', async (_, hasEffect) => {
    const bastions = await deploy({ onCall: failingPut(Number.POSITIVE_INFINITY, hasEffect) });
    expect(await bastions.call('POST /', arjen)).toMatchObject({
      status: 503,
      json: { ErrorMessage: 'AWS could not write a handoff right now: Internal server error' },
    });
    expect(await remnantsOf(bastions)).toEqual([]);
  });
});

interface LateOptions {
  onCall: NonNullable<DeploymentOptions['onCall']>;
  bastions?: Deployment;
  isLateDone: boolean;
}

/** The first try of the put times out, and has its effect this much later. */
const latePut = (lateMs: number): LateOptions => {
  const options: LateOptions = {
    isLateDone: false,
    onCall: async (call, proceed) => {
      if (!putsHandoff(call) || isOver) return proceed();
      isOver = true;
      const { clock } = options.bastions ?? {};
      clock?.after(lateMs, () => {
        void proceed().then(() => {
          options.isLateDone = true;
        });
      });
      await clock?.sleep(500);
      throw Object.assign(new Error('Request timed out'), { name: 'TimeoutError' });
    },
  };
  let isOver = false;
  return options;
};

describe('a late duplicate of the write', () => {
  async function lateBy(lateMs: number) {
    const options = latePut(lateMs);
    options.bastions = await deploy(options);
    return options.bastions;
  }

  it('brings the item back, and the agent deletes it again', async () => {
    const options = latePut(12 * secondMs);
    const bastions = await deploy(options);
    options.bastions = bastions;
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    expect(await handoffItems(bastions)).toEqual([]);
    await bastions.clock.advance(15 * secondMs);
    expect(options.isLateDone).toBe(true);
    expect(await handoffItems(bastions)).toEqual([]);
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
  });

  it('does not outlive a session that ended meanwhile', async () => {
    const bastions = await lateBy(25 * secondMs);
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(30 * secondMs);
    expect(await handoffItems(bastions)).toHaveLength(1);
    expect(await remnantsOf(bastions)).toEqual([]);
  });

  it('does not outlive a session that was stopped while it started', async () => {
    const options = latePut(25 * secondMs);
    const { onCall } = options;
    options.onCall = async (call, proceed, invocation) => {
      if (startStepOf(call) === 'the row runs') await options.bastions?.send('DELETE /', arjen);
      return onCall(call, proceed, invocation);
    };
    const bastions = await deploy(options);
    options.bastions = bastions;
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 409 });
    await bastions.clock.advance(30 * secondMs);
    expect(await handoffItems(bastions)).toHaveLength(1);
    expect(await remnantsOf(bastions)).toEqual([]);
  });
});

it('a handoff whose start died is found from the row, although its task has ended and no event came', async () => {
  let hasDied = false;
  const bastions = await deploy({
    onCall: async (call, proceed, invocation) => {
      if (call.service === 'events') return undefined;
      const output = await proceed();
      if (hasDied || !invocation || !putsHandoff(call)) return output;
      hasDied = true;
      invocation.isDead = true;
      return new Promise(() => {});
    },
  });
  bastions.containers.exitAtStart('ssh', 64);
  bastions.send('POST /', arjen).catch(() => {});
  await bastions.clock.advance(30 * secondMs);
  expect(await handoffItems(bastions)).toHaveLength(1);
  expect(await remnantsOf(bastions)).toEqual([]);
});
