/** A look at a start reads the row and the handoff item in one batch. Part of the answer may be missing, or already old. */
import { describe, expect, it } from 'vitest';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { deleteHandoff, handoffItems, handoffTableOf, readHandoffs, remnantsOf } from '../../support/handoffs.ts';
import { arjen } from '../../support/people.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

const wait = { ...arjen, query: { ...arjen.query, wait: '28' } };

/** DynamoDB leaves the keys of these tables unprocessed, as it may under load. */
function leaveUnprocessed(output: unknown, input: unknown, tables: readonly string[]): unknown {
  const requested: Record<string, unknown> = Object(input).RequestItems;
  const responses: Record<string, unknown> = Object(output).Responses;
  const only = (items: Record<string, unknown>, isIncluded: boolean) =>
    Object.fromEntries(Object.entries(items).filter(([table]) => tables.includes(table) === isIncluded));
  return { Responses: only(responses, false), UnprocessedKeys: only(requested, true) };
}

describe('keys that DynamoDB leaves unprocessed', () => {
  it.each([
    ['of the row', (bastions: Deployment) => [bastions.tableName]],
    ['of the item', (bastions: Deployment) => [handoffTableOf(bastions)]],
    ['of both', (bastions: Deployment) => [bastions.tableName, handoffTableOf(bastions)]],
  ])('%s say nothing about the bastion', async (_, tablesOf) => {
    let looks = 0;
    let isUnprocessed = true;
    const bastions: Deployment = await deploy({
      onCall: async (call, proceed) => {
        const output = await proceed();
        if (!isUnprocessed || call.action !== 'BatchGetItem') return output;
        looks++;
        return leaveUnprocessed(output, call.input, tablesOf(bastions));
      },
    });
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 202, json: { state: 'starting' } });
    expect((await bastions.call('GET /', wait)).json).toMatchObject({ state: 'starting' });
    expect(looks).toBeGreaterThan(200); // a look every 200 ms in two waits
    expect(await bastions.rows()).not.toMatchObject([{ readyAt: expect.any(Number) }]);
    isUnprocessed = false;
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
  });
});

describe('an item that the end of its session deletes', () => {
  it('is not taken for a bastion that is up by the requests that wait', async () => {
    const bastions = await deploy({ delays: { pullingMs: 40 * secondMs } });
    const { clock, send } = bastions;
    const replies = [send('POST /', arjen)];
    await clock.advance(5 * secondMs);
    replies.push(send('GET /', wait));
    await clock.advance(secondMs);
    await bastions.call('DELETE /', arjen);
    const [post, get] = await clock.run(Promise.all(replies));
    expect(post).toMatchObject({
      status: 409,
      json: { ErrorMessage: expect.stringMatching(/^This bastion was stopped/) },
    });
    expect(get).toMatchObject({ status: 404 });
    expect(await remnantsOf(bastions)).toEqual([]);
  });

  it('is not taken for it although the row was read before the end, and the item after it', async () => {
    let isHeld = true;
    const bastions: Deployment = await deploy({
      delays: { pullingMs: 40 * secondMs },
      onCall: async (call, proceed) => {
        if (!isHeld || call.action !== 'BatchGetItem') return proceed();
        isHeld = false;
        const before = await proceed();
        await bastions.send('DELETE /', arjen);
        while ((await readHandoffs(bastions)).length > 0) await bastions.clock.sleep(100);
        const after = await proceed();
        const handoffTable = handoffTableOf(bastions);
        return {
          ...Object(after),
          Responses: { ...Object(before).Responses, [handoffTable]: Object(after).Responses[handoffTable] },
        };
      },
    });
    expect((await bastions.call('POST /', arjen)).status).toBe(409);
    expect(await bastions.rows()).not.toMatchObject([{ readyAt: expect.any(Number) }]);
    expect(await remnantsOf(bastions)).toEqual([]);
  });
});

describe('an item that a stranger deletes before the agent has it', () => {
  it('costs the agent its start, and the session ends within two minutes', async () => {
    const bastions = await deploy({ delays: { pullingMs: 20 * secondMs } });
    const reply = bastions.send('POST /', { ...arjen, query: { ...arjen.query, wait: '0' } });
    await bastions.clock.run(reply);
    const [item] = await handoffItems(bastions);
    await bastions.clock.run(deleteHandoff(bastions, item ?? { pk: 'none' }));
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.rows()).toMatchObject([
      {
        state: 'stopped',
        detail: expect.stringContaining('its credentials or its handoff item did not arrive within 60 s'),
      },
    ]);
    expect(await remnantsOf(bastions)).toEqual([]);
  });
});
