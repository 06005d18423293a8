import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { activations } from '../../support/activations.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { failing, noCapacityAnswer } from '../../support/interceptors.ts';
import { arjen } from '../../support/people.ts';
import { secretOf } from '../../support/secret.ts';
import { minuteMs } from '../../support/time.ts';

const askLater = { status: 503, headers: { 'retry-after': '10' } };

describe('an outage of AWS that outlasts our retries', () => {
  const titles = new Set<string | undefined>(['Start', 'Stop', 'Sessions']);
  const throttled = new AwsError('ThrottlingException', 'Rate exceeded');

  it.each([
    ['POST /', 'UpdateItem', throttled],
    ['POST /', 'GetItem', new AwsError('ProvisionedThroughputExceededException', 'The level was exceeded.')],
    ['POST /', 'PutItem', new AwsError('InternalServerError', 'Internal server error', 500)],
    ['GET /', 'GetItem', throttled],
    ['GET /sessions', 'Query', throttled],
    ['DELETE /', 'GetItem', throttled],
  ])('answers %s with 503 if %s fails, and leaves nothing', async (route, action, error) => {
    const bastions = await deploy({
      onCall: async (call, proceed, invocation) =>
        failing(() => call.action === action && titles.has(invocation?.title), error)(call, proceed),
    });
    const reply = await bastions.call(route, arjen);
    expect(reply).toMatchObject({
      ...askLater,
      json: { ErrorMessage: expect.stringMatching(/^AWS .* right now: .*[Ee]/) },
    });
    await bastions.clock.advance(70 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('answers a webhook with 500', async () => {
    const bastions = await deploy({ onCall: failing(({ action }) => action === 'PutItem', throttled) });
    const headers = { authorization: `Basic ${await secretOf(bastions)}` };
    const [first] = activations('throttled');
    const reply = await bastions.call('POST /start', { headers, body: JSON.stringify(first?.body) });
    expect(reply).toMatchObject({ status: 500, json: { ErrorMessage: expect.stringMatching(/Rate exceeded/) } });
  });

  it('says that AWS did not answer, if it did not', async () => {
    const silence = Object.assign(new Error('a request has exceeded the configured 5000 ms requestTimeout'), {
      name: 'TimeoutError',
    });
    const bastions = await deploy({
      onCall: async (call, proceed) => {
        if (call.action === 'CreateSecurityGroup') throw silence;
        return proceed();
      },
    });
    const reply = await bastions.call('POST /', arjen);
    expect(reply).toMatchObject({ ...askLater, json: { ErrorMessage: expect.stringMatching(/it did not answer/) } });
  });
});

describe('a look at a starting bastion that AWS refuses', () => {
  it.each([
    ['BatchGetItem', new AwsError('ThrottlingException', 'Rate exceeded')],
    ['DescribeTasks', new AwsError('ThrottlingException', 'Rate exceeded')],
    ['DescribeNetworkInterfaces', new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503)],
  ])('by %s means that it still starts', async (action, error) => {
    let isRefused = true;
    const bastions = await deploy({ onCall: failing((call) => isRefused && call.action === action, error) });
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 202, json: { state: 'starting' } });
    expect(await bastions.call('GET /', arjen)).toMatchObject({ status: 200, json: { state: 'starting' } });
    isRefused = false;
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200, json: { state: 'running' } });
  });
});

describe('a start that ECS refuses because EC2 throttles it', () => {
  // Reported by others: https://github.com/dagster-io/dagster/issues/33439
  const throttledBehindEcs = new AwsError(
    'InvalidParameterException',
    'Error retrieving subnet information for [subnet-1]: Rate exceeded (ErrorCode: Throttling)',
  );

  it('is tried again', async () => {
    let calls = 0;
    const bastions = await deploy({
      onCall: failing(({ action }) => action === 'RunTask' && ++calls === 1, throttledBehindEcs),
    });
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
    expect(bastions.containers.running()).toHaveLength(1);
  });

  it('is answered 503 if it lasts, and leaves nothing', async () => {
    const bastions = await deploy({ onCall: failing(({ action }) => action === 'RunTask', throttledBehindEcs) });
    const reply = await bastions.call('POST /', arjen);
    expect(reply).toMatchObject({ ...askLater, json: { ErrorMessage: expect.stringMatching(/Rate exceeded/) } });
    expect(await bastions.leftovers()).toEqual([]);
  });
});

it('a start that AWS refuses is answered with that reason, although no write of its end is confirmed', async () => {
  let isRefused = false;
  const bastions = await deploy({
    onCall: async (call, proceed, invocation) => {
      if (call.action === 'RunTask') {
        isRefused = true;
        throw new AwsError('ServerException', 'Internal error', 500);
      }
      const output = await proceed();
      if (isRefused && invocation?.title === 'Start' && call.action === 'PutItem')
        throw new AwsError('InternalServerError', 'Internal server error', 500);
      return output;
    },
  });
  expect(await bastions.call('POST /', arjen)).toMatchObject({
    ...askLater,
    json: { ErrorMessage: expect.stringMatching(/AWS could not run the task/) },
  });
  await bastions.clock.advance(3 * minuteMs);
  expect(await bastions.leftovers()).toEqual([]);
});

it('a start goes on after a lost answer to the write that makes it run', async () => {
  let tries = 0;
  const bastions = await deploy({
    onCall: async (call, proceed, invocation) => {
      const isIt = invocation?.title === 'Start' && /"state":\{"S":"running"\}/.test(JSON.stringify(call.input));
      if (!isIt || ++tries > 3) return proceed();
      if (tries === 3) await proceed();
      throw new AwsError('InternalServerError', 'Internal server error', 500);
    },
  });
  expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 200 });
  expect(await bastions.rows()).toMatchObject([{ state: 'running' }]);
});

it('a start without capacity is not tried again after its time is over', async () => {
  let calls = 0;
  const bastions: Deployment = await deploy({
    onCall: async (call, proceed) => {
      if (call.action !== 'RunTask') return proceed();
      calls++;
      await bastions.clock.sleep(6000);
      return noCapacityAnswer;
    },
  });
  expect(await bastions.call('POST /', arjen)).toMatchObject(askLater);
  expect(calls).toBe(2);
  expect(await bastions.leftovers()).toEqual([]);
});
