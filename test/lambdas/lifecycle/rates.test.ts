/** Many starts at once share the account's rates. The emulated AWS has the buckets of ECS, Fargate and EC2. */
import { describe, expect, it } from 'vitest';
import { deploy } from '../../support/deploy.ts';
import type { Deployment, Invocation } from '../../support/deployment.ts';
import { arjen, asJson, publicKey } from '../../support/people.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

/** Fargate as it is: its network interface takes longest, then comes the pull of the image. */
const fargate = { provisioningMs: 12 * secondMs, pendingMs: 2 * secondMs, pullingMs: 6 * secondMs };

interface Look {
  readonly at: number;
  readonly invocation: Invocation | undefined;
}

/** Deploys a stack that counts each DescribeTasks, and the moment at which each function has learnt an address. */
async function counting(delays: Parameters<typeof deploy>[0] = {}) {
  const looks: Look[] = [];
  const refusals: Look[] = [];
  const addressKnown = new Map<Invocation | undefined, number>();
  const bastions: Deployment = await deploy({
    environment: { MAX_SESSIONS: '500' },
    ...delays,
    onCall: async (call, proceed, invocation) => {
      const look = { at: bastions.clock.now(), invocation };
      if (call.action === 'DescribeTasks') looks.push(look);
      try {
        const output = await proceed();
        if (call.action === 'DescribeNetworkInterfaces' && JSON.stringify(output).includes('publicIp'))
          addressKnown.set(invocation, look.at);
        return output;
      } catch (error) {
        refusals.push(look);
        throw error;
      }
    },
  });
  return { bastions, looks, refusals, addressKnown };
}

const start = (bastions: Deployment, n: number) =>
  bastions.send('POST /', { query: { user: `user${n}` }, body: publicKey(n % 200), accept: asJson });

/** Repeats a request as the 202 asks for, until the bastion is up. @returns every status */
async function startUntilUp(bastions: Deployment, n: number): Promise<number[]> {
  const statuses: number[] = [];
  while (statuses.length < 4 && !statuses.some((status) => status !== 202)) {
    if (statuses.length > 0) await bastions.clock.sleep(secondMs);
    statuses.push((await start(bastions, n)).status);
  }
  return statuses;
}

const countsOf = (statuses: readonly number[]) => {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

describe('twenty starts at once', () => {
  it.each([
    ['with a pull of 12 s', { pullingMs: 12 * secondMs }],
    ['on Fargate’s own times', fargate],
  ])('%s are all answered 200 or 202, and come up', async (_, delays) => {
    const { bastions } = await counting({ delays });
    const requests = Array.from({ length: 20 }, (_, n) => startUntilUp(bastions, n));
    const statuses = await bastions.clock.run(Promise.all(requests));
    expect(statuses.map((all) => all.at(-1))).toEqual(Array(20).fill(200));
    expect(statuses.flat().filter((status) => status !== 200 && status !== 202)).toEqual([]);
  });
});

describe('a hundred starts over a minute', () => {
  it('with a pull of 12 s bring no failure', async () => {
    const { bastions } = await counting({ delays: { pullingMs: 12 * secondMs } });
    const requests = Array.from({ length: 100 }, async (_, n) => {
      await bastions.clock.sleep(n * 600);
      return startUntilUp(bastions, n);
    });
    const statuses = await bastions.clock.run(Promise.all(requests));
    expect(countsOf(statuses.map((all) => all.at(-1) ?? 0))).toEqual({ 200: 100 });
    expect(countsOf(statuses.flat())[503]).toBeUndefined();
  });
});

describe('fifty starts over half a minute', () => {
  it('on Fargate’s own times bring no failure while somebody else uses up the rate of DescribeTasks', async () => {
    const { bastions, refusals } = await counting({ delays: fargate });
    let isDone = false;
    const somebodyElse = async () => {
      while (!isDone) {
        await bastions.clock.sleep(secondMs / 25);
        await bastions.aws.handle(describeTasks).catch(() => {});
      }
    };
    const describeTasks = {
      method: 'POST',
      path: '/',
      headers: {
        host: 'ecs.us-east-1.amazonaws.com',
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AmazonEC2ContainerServiceV20141113.DescribeTasks',
        authorization:
          'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ecs/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: new TextEncoder().encode(JSON.stringify({ cluster: bastions.cluster, tasks: ['0'.repeat(32)] })),
    };
    const requests = Array.from({ length: 50 }, async (_, n) => {
      await bastions.clock.sleep(n * 600);
      return start(bastions, n);
    });
    const replies = Promise.all(requests).finally(() => {
      isDone = true;
    });
    const [statuses] = await bastions.clock.run(Promise.all([replies, somebodyElse()]));
    expect(refusals.filter(({ invocation }) => invocation?.title === 'Start').length).toBeGreaterThan(10);
    const counts = countsOf(statuses.map(({ status }) => status));
    expect((counts[200] ?? 0) + (counts[202] ?? 0)).toBe(50);
  });
});

describe('DescribeTasks', () => {
  it('is asked at most once a second by a start, and not once its address is known', async () => {
    const { bastions, looks, addressKnown } = await counting({ reaps: false, delays: fargate });
    for (const wait of ['28', '20', '5', '0']) {
      await bastions.call('POST /', { ...arjen, query: { user: `arjen${wait}`, wait } });
      await bastions.call('GET /', { query: { user: `arjen${wait}`, wait: '28' } });
    }
    const byInvocation = Map.groupBy(
      looks.filter(({ invocation }) => invocation !== undefined),
      ({ invocation }) => invocation,
    );
    expect(byInvocation.size).toBeGreaterThan(6);
    for (const [invocation, own] of byInvocation) {
      const times = own.map(({ at }) => at);
      for (const [n, at] of times.entries()) {
        if (n > 0) expect(at - (times[n - 1] ?? 0)).toBeGreaterThanOrEqual(secondMs);
        expect(at).toBeLessThanOrEqual(addressKnown.get(invocation) ?? Number.POSITIVE_INFINITY);
      }
    }
    expect(addressKnown.size).toBeGreaterThan(3);
  });

  it('is asked about a dozen times by a start on Fargate’s own times', async () => {
    const { bastions, looks } = await counting({ reaps: false, delays: fargate });
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
    expect(looks.length).toBeGreaterThan(10);
    expect(looks.length).toBeLessThan(20);
  });

  it('is asked once by each request for a bastion that is up or whose address is known', async () => {
    const { bastions, looks } = await counting({ reaps: false, delays: { pullingMs: minuteMs } });
    await bastions.call('POST /', arjen);
    for (const [route, wait] of [
      ['POST /', '28'],
      ['GET /', '0'],
      ['POST /', '28'],
      ['POST /', '5'],
    ] as const) {
      looks.length = 0;
      await bastions.call(route, { ...arjen, query: { ...arjen.query, wait } });
      expect(looks).toHaveLength(1);
    }
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
  });
});
