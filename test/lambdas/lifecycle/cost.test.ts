import { describe, expect, it } from 'vitest';
import { env } from '../../../contracts/stack.ts';
import { activations } from '../../support/activations.ts';
import { deploy } from '../../support/deploy.ts';
import { arjen, asJson } from '../../support/people.ts';
import { secretOf } from '../../support/secret.ts';
import { hourMs, minuteMs, secondMs } from '../../support/time.ts';

const dollars = (perHour: number, soFar: number) => ({ perHour, soFar, currency: 'USD' });
const look = { query: { user: 'arjen' }, accept: asJson };

describe('the cost in a reply', () => {
  it('is there from the first reply on, and grows until the session ends', async () => {
    const bastions = await deploy({ delays: { pullingMs: 40 * secondMs } });
    const first = await bastions.call('POST /', arjen);
    expect(first).toMatchObject({ status: 202, json: { cost: dollars(0.0149, 0.0002) } });
    await bastions.clock.advance(Date.parse(first.json.createdAt) + 30 * minuteMs - bastions.clock.now());
    expect((await bastions.call('GET /', look)).json.cost).toEqual(dollars(0.0149, 0.0074));
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(9 * hourMs);
    const { sessions } = (await bastions.call('GET /sessions')).json;
    expect(sessions).toMatchObject([{ state: 'stopped', cost: dollars(0.0149, 0.0074) }]);
  });

  it('of a target is that of its kind’s processor', async () => {
    const bastions = await deploy();
    const headers = { authorization: `Basic ${await secretOf(bastions)}` };
    for (const { body } of activations('cost')) {
      await bastions.call('POST /start', { headers, body: JSON.stringify(body) });
    }
    const { sessions } = (await bastions.call('GET /sessions')).json;
    const perHour = new Map(
      sessions.map(({ agent, cost }: { agent: string; cost: { perHour: number } }) => [agent, cost.perHour]),
    );
    expect(perHour).toEqual(
      new Map([
        ['ssm', 0.0149],
        ['bzero-ssm', 0.0173],
        ['bzero', 0.0173],
      ]),
    );
  });

  it('follows from the size of the deployment’s tasks and its region', async () => {
    const environment = { [env.taskCpu]: '1024', [env.taskMemory]: '2048', AWS_REGION: 'eu-north-1' };
    const bastions = await deploy({ environment });
    // 1 × 0.0356 + 2 × 0.00392 + 0.005
    expect((await bastions.call('POST /', arjen)).json.cost).toEqual(dollars(0.0484, 0.0008));
  });

  it('is left out in a region whose prices are not known', async () => {
    const bastions = await deploy({ environment: { AWS_REGION: 'mars-north-1' } });
    const replies = [await bastions.call('POST /', arjen), await bastions.call('GET /', look)];
    const { sessions } = (await bastions.call('GET /sessions')).json;
    for (const view of [...replies.map(({ json }) => json), ...sessions]) {
      expect(view).toMatchObject({ user: 'arjen', state: 'running' });
      expect(view).not.toHaveProperty('cost');
    }
  });
});
