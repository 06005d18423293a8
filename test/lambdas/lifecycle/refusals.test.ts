import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { failing, noCapacity, noCapacityAnswer } from '../../support/interceptors.ts';
import { arjen, asJson, personArn, publicKey } from '../../support/people.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

describe('a POST / that is refused', () => {
  it('is answered 429 beyond the allowed number of sessions, and changes nothing', async () => {
    const bastions = await deploy({ environment: { MAX_SESSIONS: '1' } });
    await bastions.call('POST /', arjen);
    const reply = await bastions.call('POST /', { ...arjen, query: { user: 'bob' } });
    expect(reply).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    expect(await bastions.rows()).toHaveLength(1);
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
  });

  it.each([
    ['no key', { ...arjen, body: '' }, /No public key was sent/],
    ['a bad key', { ...arjen, body: 'ssh-rsa AAAA' }, /public key can't be used/],
    ['JSON without a key', { ...arjen, body: '{"key":1}' }, /looks like JSON/],
    ['a bad ttl', { ...arjen, query: { user: 'arjen', ttl: '9h' } }, /got "9h", expected/],
    ['a bad user', { ...arjen, query: { user: 'a/x' } }, /got "a\/x", expected/],
    ['a large body', { ...arjen, body: 'x'.repeat(20_000) }, /20000 bytes; at most 16384/],
  ])('is answered 400 with its reason for %s, and changes nothing', async (_, request, message) => {
    const bastions = await deploy({ reaps: false });
    const reply = await bastions.call('POST /', request);
    expect(reply).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/json', 'x-request-id': 'request-1' },
      json: { ErrorMessage: expect.stringMatching(message) },
    });
    expect(await bastions.rows()).toEqual([]);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('is answered 403 if it names another user and its caller is no admin', async () => {
    const bastions = await deploy();
    const by = personArn('bob');
    expect((await bastions.call('POST /', { ...arjen, by })).status).toBe(403);
    expect((await bastions.call('DELETE /', { ...arjen, by })).status).toBe(403);
    expect((await bastions.call('GET /', { ...arjen, by })).status).toBe(403);
    expect((await bastions.call('POST /', { by, body: publicKey(1), accept: asJson })).json.user).toBe('bob');
  });
});

describe('a start that AWS refuses', () => {
  it.each<[string, string, AwsError, number, RegExp]>([
    [
      'for lack of permission',
      'CreateSecurityGroup',
      new AwsError('UnauthorizedOperation', 'arn:aws:x:y', 403),
      500,
      /request id/,
    ],
    [
      'for too many groups',
      'CreateSecurityGroup',
      new AwsError('SecurityGroupLimitExceeded', 'The maximum is reached'),
      503,
      /The maximum is reached/,
    ],
    [
      'for its vCPU quota',
      'RunTask',
      new AwsError('ClientException', "You've reached the limit on the number of vCPUs you can run concurrently"),
      503,
      /limit on the number of vCPUs/,
    ],
    ['for a bad definition', 'RunTask', new AwsError('InvalidParameterException', 'bad'), 500, /request id/],
    [
      'when opening the group',
      'AuthorizeSecurityGroupIngress',
      new AwsError('RulesPerSecurityGroupLimitExceeded', 'too many rules'),
      503,
      /too many rules/,
    ],
  ])('%s leaves nothing', async (_, action, error, status, message) => {
    const bastions = await deploy({ onCall: failing((call) => call.action === action, error) });
    const reply = await bastions.call('POST /', arjen);
    expect(reply).toMatchObject({ status, json: { ErrorMessage: expect.stringMatching(message) } });
    expect(reply.json.ErrorMessage).not.toMatch(/arn:/);
    await bastions.clock.advance(minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'start-failed' }]);
    expect(await bastions.clock.run(bastions.sessions.claimHolder('user#arjen'))).toBeUndefined();
  });

  it('by a failure in an answer of status 200 has AWS’s sentence in its reply', async () => {
    const bastions = await deploy({
      onCall: noCapacity,
    });
    const reply = await bastions.call('POST /', arjen);
    expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    expect(reply.json.ErrorMessage).toMatch(/Capacity is unavailable at this time/);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('for lack of capacity is tried again in one zone after the other, with a new token', async () => {
    const runs: { token: string; subnets: string[] }[] = [];
    const bastions = await deploy({
      onCall: async (call, proceed) => {
        if (call.action !== 'RunTask') return proceed();
        const { clientToken, networkConfiguration } = Object(call.input);
        runs.push({ token: clientToken, subnets: networkConfiguration.awsvpcConfiguration.subnets });
        return runs.length < 3 ? noCapacityAnswer : proceed();
      },
    });
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
    const subnets = bastions.stack.subnets.map(({ subnetId }) => subnetId);
    expect(runs.map((one) => one.subnets)).toEqual([subnets, [subnets[0]], [subnets[1]]]);
    expect(new Set(runs.map(({ token }) => token)).size).toBe(3);
    expect(bastions.containers.running()).toHaveLength(1);
  });

  it('for lack of capacity is given up if an earlier try may have run a task, and that task is removed', async () => {
    let tries = 0;
    const bastions: Deployment = await deploy({
      onCall: async (call, proceed) => {
        if (call.action !== 'RunTask') return proceed();
        tries++;
        if (tries === 1) {
          bastions.clock.after(5000, () => void proceed());
          throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
        }
        if (tries === 2) throw new AwsError('InvalidParameterException', 'The security group does not exist');
        return noCapacityAnswer;
      },
    });
    expect((await bastions.call('POST /', arjen)).status).toBe(503);
    expect(tries).toBe(3);
    await bastions.clock.advance(10 * secondMs);
    expect(bastions.containers.running()).not.toEqual([]);
    await bastions.clock.advance(3 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it.each([
    ['RunTask', new AwsError('ThrottlingException', 'Rate exceeded')],
    ['RunTask', new AwsError('ServerException', 'Internal error', 500)],
    ['CreateSecurityGroup', new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503)],
  ])('because %s outlasts our retries with %s is answered 503, and leaves nothing', async (action, error) => {
    let calls = 0;
    const bastions = await deploy({
      onCall: async (call, proceed) => {
        if (call.action !== action) return proceed();
        calls++;
        throw error;
      },
    });
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    expect(calls).toBe(3);
    await bastions.clock.advance(3 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
  });

  it('because the task stops late is answered 502 in time, although its removal is slow', async () => {
    const bastions: Deployment = await deploy({
      delays: { pullingMs: 15 * secondMs },
      onCall: async (call, proceed) => {
        if (call.action === 'DeleteSecurityGroup') await bastions.clock.sleep(20 * secondMs);
        return proceed();
      },
    });
    bastions.containers.exitAtStart('ssh', 64);
    const reply = await bastions.call('POST /', arjen);
    expect(reply).toMatchObject({
      status: 502,
      json: { ErrorMessage: expect.stringMatching(/ssh exited with code 64.*are being removed. Try again/) },
    });
    await bastions.clock.advance(2 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'start-failed' }]);
  });

  it('because the task stops before it is ready is answered 502 with the reason', async () => {
    const bastions = await deploy();
    bastions.containers.exitAtStart('ssh', 64);
    const reply = await bastions.call('POST /', arjen);
    expect(reply).toMatchObject({
      status: 502,
      json: { ErrorMessage: expect.stringMatching(/ssh exited with code 64/) },
    });
    expect(await bastions.leftovers()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'start-failed' }]);
  });
});
