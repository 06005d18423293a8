/** How long a request waits for its bastion. API Gateway cuts it off 30 s after its time stamp. */
import { describe, expect, it } from 'vitest';
import { pageRoutes, personRoutes, workloadRoutes } from '../../../contracts/sign-in.ts';
import type { Call } from '../../../emulator/wire.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment, Request } from '../../support/deployment.ts';
import { handoffItems } from '../../support/handoffs.ts';
import { arjen, homeIpv6, personArn } from '../../support/people.ts';
import { secretOf } from '../../support/secret.ts';
import { taskIdOf } from '../../support/task-id.ts';
import { minuteMs, secondMs } from '../../support/time.ts';
import { ann, deployJob } from '../../support/tokens.ts';

/** Sends a request. @returns its reply, and the milliseconds from its time stamp to the reply */
async function timed(bastions: Deployment, route: string, request: Request) {
  const sentAt = bastions.clock.now() - (request.ageMs ?? 0);
  const reply = await bastions.call(route, request);
  return { ...reply, afterMs: bastions.clock.now() - sentAt };
}

const waiting = (wait: string): Request => ({ ...arjen, query: { ...arjen.query, wait } });

/** An AWS on which a bastion takes a minute. @param hangs says which calls of a function are never answered from when on */
async function slowAws(hangs?: { readonly from: number; readonly fits: (call: Call) => boolean }) {
  let beganAt = Number.POSITIVE_INFINITY;
  const bastions: Deployment = await deploy({
    delays: { pullingMs: minuteMs },
    onCall: async (call, proceed, invocation) => {
      const isHung = hangs?.fits(call) && invocation && bastions.clock.now() >= beganAt + hangs.from;
      return isHung ? new Promise(() => {}) : proceed();
    },
  });
  /** The hanging calls begin this long after now. */
  const begin = () => {
    beganAt = bastions.clock.now();
  };
  return { bastions, begin };
}

describe('a reply about a bastion that still starts', () => {
  it.each([
    ['POST /', 202],
    ['GET /', 200],
  ])('to %s comes within 28 s of the time stamp, also after two seconds of cold start', async (route, status) => {
    const { bastions } = await slowAws();
    await bastions.call('POST /', waiting('0'));
    const reply = await timed(bastions, route, { ...waiting('28'), ageMs: 2 * secondMs });
    expect(reply).toMatchObject({ status, json: { state: 'starting' } });
    expect(reply.afterMs).toBeLessThanOrEqual(28 * secondMs);
    expect(reply.afterMs).toBeGreaterThan(27 * secondMs);
  });

  const hanging = [
    ['a call of DynamoDB', 27, ({ service }: Call) => service === 'dynamodb'],
    ['a call of ECS', 27, ({ service }: Call) => service === 'ecs'],
    ['the first look', 0, ({ action }: Call) => action === 'BatchGetItem'],
    ['the first look at the task', 0, ({ action }: Call) => action === 'DescribeTasks'],
  ] as const;

  it.each(hanging)('comes in time although %s hangs from second %d on', async (_, second, fits) => {
    const { bastions, begin } = await slowAws({ from: (second - 2) * secondMs, fits });
    begin();
    const reply = await timed(bastions, 'POST /', { ...arjen, ageMs: 2 * secondMs });
    expect(reply).toMatchObject({ status: 202, json: { state: 'starting' } });
    expect(reply.afterMs).toBeLessThanOrEqual(28 * secondMs);
  });

  it.each(hanging)(
    'comes in time to a second request, although %s hangs from second %d on',
    async (_, second, fits) => {
      const { bastions, begin } = await slowAws({ from: (second - 2) * secondMs, fits });
      await bastions.call('POST /', waiting('0'));
      begin();
      const reply = await timed(bastions, 'POST /', { ...arjen, ageMs: 2 * secondMs });
      expect(reply).toMatchObject({ status: 202, json: { state: 'starting' } });
      expect(reply.afterMs).toBeLessThanOrEqual(28 * secondMs);
    },
  );

  it('comes in time for a bastion that is up, although the look at its task hangs', async () => {
    const { bastions, begin } = await slowAws({ from: 0, fits: ({ action }) => action === 'DescribeTasks' });
    await bastions.call('POST /', waiting('0'));
    await bastions.clock.advance(2 * minuteMs);
    begin();
    const reply = await timed(bastions, 'POST /', { ...arjen, ageMs: 2 * secondMs });
    expect(reply).toMatchObject({ status: 200, json: { state: 'running' } });
    expect(reply.afterMs).toBeLessThanOrEqual(28 * secondMs);
  });
});

describe('the parameter wait', () => {
  it.each([
    ['POST /', '5', 5],
    ['POST /', '0', 1],
    ['GET /', '5', 5],
    ['GET /', '0', 0.5],
  ])('of %s, %s, bounds the reply', async (route, wait, seconds) => {
    const { bastions } = await slowAws();
    if (route === 'GET /') await bastions.call('POST /', waiting('0'));
    const { json, afterMs } = await timed(bastions, route, waiting(wait));
    expect(json).toMatchObject({ state: 'starting', hostKeys: [expect.any(String), expect.any(String)] });
    expect(afterMs).toBeLessThanOrEqual(seconds * secondMs);
    expect(afterMs).toBeGreaterThanOrEqual((Number(wait) - 1) * secondMs);
  });

  it('of 0 lets a start write its row, its group, its task and its handoff', async () => {
    const { bastions } = await slowAws();
    expect(await bastions.call('POST /', waiting('0'))).toMatchObject({ status: 202 });
    const [row] = await bastions.rows();
    const taskId = taskIdOf(row?.taskArn);
    expect(row).toMatchObject({ state: 'running', securityGroupId: expect.stringMatching(/^sg-/) });
    expect(await bastions.leftovers()).toEqual([
      `security group bastion-${row?.sessionId}`,
      expect.stringMatching(/^interface eni-/),
      expect.stringMatching(`^task ${taskId} `),
    ]);
    expect((await handoffItems(bastions)).map(({ pk }) => pk.split(':')[1])).toEqual([taskId]);
  });

  it('of GET / lets it answer as soon as the bastion is up', async () => {
    const bastions = await deploy({ delays: { pullingMs: 10 * secondMs } });
    await bastions.call('POST /', waiting('0'));
    const reply = await timed(bastions, 'GET /', waiting('28'));
    expect(reply).toMatchObject({ status: 200, json: { state: 'running', host: expect.any(String) } });
    expect(reply.afterMs).toBeLessThan(13 * secondMs);
  });

  it('is 28 for POST / and 0 for GET / if it is absent', async () => {
    const { bastions } = await slowAws();
    expect((await timed(bastions, 'POST /', arjen)).afterMs).toBeGreaterThan(27 * secondMs);
    expect((await timed(bastions, 'GET /', arjen)).afterMs).toBeLessThan(secondMs);
  });

  it.each(['29', '100', '-1', '1.5', '5s', 'five', '', ' 5', '+5', '1e1', '٥'])(
    'refuses "%s" and starts nothing',
    async (wait) => {
      const bastions = await deploy();
      for (const route of ['POST /', 'GET /']) {
        expect(await bastions.call(route, waiting(wait))).toMatchObject({
          status: 400,
          json: { ErrorMessage: expect.stringMatching(/^wait: got ".*", expected whole seconds from 0 to 28\.$/) },
        });
      }
      expect(await bastions.rows()).toEqual([]);
    },
  );
});

describe('every reply', () => {
  const requests = async (bastions: Deployment): Promise<[string, Request][]> => {
    const headers = { authorization: `Basic ${await secretOf(bastions)}` };
    return [
      ['POST /', arjen],
      ['POST /', { ...arjen, body: 'no key' }],
      ['POST /', { ...arjen, by: personArn('mallory') }],
      ['GET /', arjen],
      ['GET /', { query: { user: 'nobody' } }],
      ['GET /known_hosts', arjen],
      ['GET /sessions', {}],
      ['GET /sessions', { query: { limit: 'many' } }],
      ['DELETE /', arjen],
      ['GET /health', {}],
      ['GET /health', { query: { deep: 'yes' } }],
      ['POST /start', { headers, body: '{}' }],
      ['POST /start', { body: '{}' }],
      ['POST /stop', { headers, body: '{"containerId":"none"}' }],
      ['POST /stop', {}],
      ...Object.values(personRoutes).map((route): [string, Request] => [route, { claims: ann }]),
      ...Object.values(workloadRoutes).map((route): [string, Request] => [route, { claims: deployJob }]),
      ...Object.values(pageRoutes).map((route): [string, Request] => [route, {}]),
    ];
  };

  it.each([
    ['also an error', false],
    ['also of an AWS that fails', true],
  ])('names the caller’s address, %s', async (_, isBroken) => {
    const bastions: Deployment = await deploy({
      onCall: async (_call, proceed, invocation) => {
        if (isBroken && invocation) throw new Error('socket hang up');
        return proceed();
      },
    });
    const routes = new Set<string>();
    const statuses = new Set<number>();
    for (const [route, request] of await requests(bastions)) {
      for (const from of ['198.51.100.7', homeIpv6]) {
        const { status, headers } = await bastions.call(route, { ...request, from });
        expect({ route, address: headers['x-caller-address'] }).toEqual({ route, address: from });
        routes.add(route);
        statuses.add(status);
      }
    }
    expect([...routes].sort()).toEqual(bastions.stack.routes.map(({ key }) => key).sort());
    expect([...statuses]).toEqual(
      expect.arrayContaining(isBroken ? [400, 401, 403, 500, 503] : [200, 400, 401, 403, 404]),
    );
  });
});
