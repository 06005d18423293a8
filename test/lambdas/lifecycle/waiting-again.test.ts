/** A request for a bastion that lives already looks at AWS too, and a look that AWS refuses proves nothing. */
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { deploy } from '../../support/deploy.ts';
import { type Deployment, isAllowed } from '../../support/deployment.ts';
import { failing } from '../../support/interceptors.ts';
import { arjen } from '../../support/people.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

const endContainer = ({ containers }: Deployment) => containers.exit(containers.running()[0]?.taskId ?? '', 'ssh', 1);

describe('a request for a bastion that was up before', () => {
  it('notices that its container has ended, although no event came', async () => {
    const bastions = await deploy({
      onCall: async (call, proceed) => (call.service === 'events' ? undefined : proceed()),
    });
    const first = await bastions.call('POST /', arjen);
    await bastions.clock.advance(2 * minuteMs); // the reaper has confirmed it
    endContainer(bastions);
    const second = await bastions.call('POST /', arjen);
    expect(second).toMatchObject({ status: 200 });
    expect(second.json.sessionId).not.toBe(first.json.sessionId);
    await bastions.clock.advance(2 * minuteMs);
    endContainer(bastions);
    expect(await bastions.call('GET /', arjen)).toMatchObject({ status: 404 });
  });

  it('takes the time to note that its container has ended, beyond the wait that the caller asked for', async () => {
    let isSlow = false;
    const bastions: Deployment = await deploy({
      onCall: async (call, proceed) => {
        if (call.service === 'events') return undefined;
        if (isSlow && call.action === 'PutItem') await bastions.clock.sleep(4 * secondMs);
        return proceed();
      },
    });
    await bastions.call('POST /', arjen);
    await bastions.clock.advance(2 * minuteMs);
    endContainer(bastions);
    isSlow = true;
    expect(await bastions.call('GET /', { ...arjen, query: { user: 'arjen', wait: '2' } })).toMatchObject({
      status: 404,
    });
  });
});

describe('a request that finds the container ended while AWS takes no writes', () => {
  it.each([
    ['refuses them', () => Promise.reject(new AwsError('ThrottlingException', 'Rate exceeded'))],
    ['never answers', () => new Promise(() => {})],
  ])('is told so and not of a bastion that runs: AWS %s', async (_, write) => {
    let isStuck = false;
    const bastions: Deployment = await deploy({
      onCall: async (call, proceed) => {
        if (call.service === 'events') return undefined;
        return isStuck && call.action === 'PutItem' ? write() : proceed();
      },
    });
    await bastions.call('POST /', arjen);
    await bastions.clock.advance(2 * minuteMs);
    endContainer(bastions);
    isStuck = true;
    expect(await bastions.call('GET /', arjen)).toMatchObject({
      status: 503,
      json: { ErrorMessage: 'The bastion has ended, and AWS could not note that right now. Try again.' },
    });
  });
});

describe('a request while ECS refuses every look', () => {
  const throttled = new AwsError('ThrottlingException', 'Rate exceeded');

  const refusing = async () => {
    const switches = { isRefused: false };
    const bastions = await deploy({
      onCall: failing(({ action }) => switches.isRefused && action === 'DescribeTasks', throttled),
    });
    return { bastions, switches };
  };

  it('gets the bastion that was up before', async () => {
    const { bastions, switches } = await refusing();
    const { json } = await bastions.call('POST /', arjen);
    await bastions.clock.advance(2 * minuteMs);
    switches.isRefused = true;
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200, json: { host: json.host } });
    expect(await bastions.call('GET /', arjen)).toMatchObject({ status: 200, json: { host: json.host } });
  });

  it('from another address is allowed that address', async () => {
    const { bastions, switches } = await refusing();
    const { json } = await bastions.call('POST /', arjen);
    switches.isRefused = true;
    const from = '203.0.113.9';
    expect(await bastions.call('POST /', { ...arjen, from })).toMatchObject({ status: 200 });
    expect(isAllowed(bastions, json.host, from)).toBe(true);
  });

  it('is told twice that the bastion still starts', async () => {
    const { bastions, switches } = await refusing();
    switches.isRefused = true;
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 202 });
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 202, json: { state: 'starting' } });
  });
});

describe('a bastion that came up unseen and has ended', () => {
  it('is noticed by the next request, although its address was known before and no event came', async () => {
    let hasDied = false;
    const bastions = await deploy({
      reaps: false,
      onCall: async (call, proceed, invocation) => {
        if (call.service === 'events') return undefined;
        const output = await proceed();
        const isAddress = call.action === 'PutItem' && JSON.stringify(call.input).includes('"host"');
        if (!invocation || hasDied || !isAddress) return output;
        hasDied = true;
        invocation.isDead = true;
        return new Promise(() => {});
      },
    });
    bastions.send('POST /', arjen).catch(() => {});
    await bastions.clock.advance(10 * secondMs);
    const [row] = await bastions.rows();
    expect(row).toMatchObject({ state: 'running', host: expect.any(String) });
    expect(row).not.toHaveProperty('readyAt');
    endContainer(bastions);
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 502 });
  });
});
