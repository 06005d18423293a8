/** What happens to a bastion of the pool at the same time as somebody takes it. */
import { describe, expect, it } from 'vitest';
import { AwsError, type Call } from '../../../emulator/wire.ts';
import { deployPooled } from '../../support/deploy.ts';
import type { Deployment, DeploymentOptions } from '../../support/deployment.ts';
import { arjen } from '../../support/people.ts';
import { taskIdOf } from '../../support/task-id.ts';
import { hourMs, minuteMs } from '../../support/time.ts';

type OnCall = NonNullable<DeploymentOptions['onCall']>;

/** The state and the owner of the row that a call writes. */
function rowIn({ action, input }: Call): { state?: string; owner?: string } {
  const { Item = {} } = Object(input);
  if (action !== 'PutItem' || !/^session#/.test(Item.pk?.S)) return {};
  return { state: Item.state?.S, owner: Item.owner?.S };
}

/** Deploys a pool of one without schedules. */
const deployOne = (onCall: OnCall) => deployPooled({ reaps: false, environment: { POOL_SIZE: '1' }, onCall });

const keyOf = async (bastions: Deployment) => {
  const [row] = (await bastions.rows()).filter(({ owner }) => owner === 'arjen');
  return bastions.containers.keyOf(taskIdOf(row?.taskArn));
};

describe('a bastion that somebody takes', () => {
  it('is not ready because of a look at it before the taking', async () => {
    const isTaken = Promise.withResolvers<void>();
    let isLate = true;
    const bastions = await deployOne(async (call, proceed, invocation) => {
      const output = await proceed();
      // The look has seen that the first handoff item is gone. It notes that after the row runs for its owner.
      if (invocation?.title === 'Pool' && call.action === 'BatchGetItem' && isAbsent(output) && isLate) {
        isLate = false;
        await isTaken.promise;
      }
      if (rowIn(call).state === 'running') isTaken.resolve();
      return output;
    });
    const refill = bastions.aws.lambda.invoke(nameOf(bastions, 'Pool'), {});
    await bastions.clock.advance(2 * minuteMs);
    await bastions.invoke('Reaper');
    expect((await bastions.rows()).map(({ state, readyAt }) => [state, readyAt !== undefined])).toEqual([
      ['pooled', true],
    ]);
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    expect(isLate).toBe(false);
    expect(await keyOf(bastions)).toBe(arjen.body);
    await bastions.clock.run(refill);
  });

  it('makes way for the next one when its agent runs and leaves the key', async () => {
    let stuckTaskId = 'none yet';
    const bastions = await deployPooled({
      onCall: async (call, proceed, invocation) => {
        const { Key } = Object(call.input);
        const isStuck = invocation === undefined && call.action === 'GetItem' && Key?.pk?.S?.endsWith(stuckTaskId);
        if (isStuck) throw new AwsError('InternalServerError', 'Internal server error', 500);
        return proceed();
      },
    });
    await bastions.clock.advance(2 * minuteMs);
    const [, first] = await bastions.rows(); // rows come newest first, and the oldest is taken first
    stuckTaskId = taskIdOf(first?.taskArn);
    const { status, json } = await bastions.call('POST /', arjen);
    expect(status).toBe(200);
    const [row] = (await bastions.rows()).filter(({ sessionId }) => sessionId === json.sessionId);
    expect(row).toHaveProperty('pool');
    expect(taskIdOf(row?.taskArn)).not.toBe(stuckTaskId);
    expect(bastions.containers.keyOf(taskIdOf(row?.taskArn))).toBe(arjen.body);
  });

  it('is theirs although the answer to the write that takes it is lost', async () => {
    let tries = 0;
    const bastions = await deployOne(async (call, proceed, invocation) => {
      const isIt = invocation?.title === 'Start' && rowIn(call).state === 'starting';
      if (!isIt || ++tries > 1) return proceed();
      await proceed();
      throw new AwsError('InternalServerError', 'Internal server error', 500);
    });
    await bastions.invoke('Pool');
    await bastions.clock.advance(minuteMs);
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    expect(tries).toBe(2);
    expect(await bastions.rows()).toMatchObject([{ state: 'running', owner: 'arjen' }]);
  });

  it('stays although the reaper was about to end it', async () => {
    let taken: Awaited<ReturnType<Deployment['send']>> | undefined;
    const bastions = await deployPooled({
      environment: { POOL_SIZE: '1', POOL_HOURS: 'Thu 00:00-00:30 UTC' }, // 2026-01-01 is a Thursday
      onCall: async (call, proceed, invocation) => {
        if (invocation?.title === 'Reaper' && rowIn(call).state === 'stopping' && taken === undefined)
          taken = await bastions.send('POST /', arjen);
        return proceed();
      },
    });
    await bastions.clock.advance(hourMs / 2 + 2 * minuteMs);
    expect(taken).toMatchObject({ status: 200 });
    expect(await bastions.rows()).toMatchObject([{ state: 'running', owner: 'arjen' }]);
  });
});

const nameOf = ({ stack }: Deployment, title: string) => stack.functions.find((fn) => fn.title === title)?.name ?? '';

/** Whether the answer of a look holds a row and no handoff item. */
const isAbsent = (output: unknown): boolean =>
  Object.values<unknown[]>(Object(output).Responses ?? {}).reduce((count, items) => count + items.length, 0) === 1;
