import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../emulator/wire.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { failing } from '../../support/interceptors.ts';
import { arjen, asJson, publicKey } from '../../support/people.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

describe('a request that can not be met', () => {
  it('beyond the number of sessions allowed is answered 429, and changes nothing', async () => {
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
    ['a bad user', { ...arjen, query: { user: '-x' } }, /got "-x", expected/],
    ['a large body', { ...arjen, body: 'x'.repeat(20_000) }, /20000 bytes; at most 16384/],
  ])('with %s is answered 400 saying so, and changes nothing', async (_, request, message) => {
    const bastions = await deploy({ reaps: false });
    const reply = await bastions.call('POST /', request);
    expect(reply).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/json', 'x-request-id': 'request-1' },
      json: { ErrorMessage: expect.stringMatching(message) },
    });
    expect(await bastions.rows()).toEqual([]);
    expect(await bastions.left()).toEqual([]);
  });

  it('for another user is answered 403 unless an admin asks', async () => {
    const bastions = await deploy();
    const by = 'arn:aws:sts::123456789012:assumed-role/dev/bob';
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
  ])('%s leaves nothing behind', async (_, action, error, status, message) => {
    const bastions = await deploy({ onCall: failing((call) => call.action === action, error) });
    const reply = await bastions.call('POST /', arjen);
    expect(reply).toMatchObject({ status, json: { ErrorMessage: expect.stringMatching(message) } });
    expect(reply.json.ErrorMessage).not.toMatch(/arn:/);
    await bastions.clock.advance(minuteMs);
    expect(await bastions.left()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'start-failed' }]);
    expect(await bastions.clock.run(bastions.sessions.claimHolder('user#arjen'))).toBeUndefined();
  });

  it('with 200 and failures is a failure, with AWS’s sentence', async () => {
    const bastions = await deploy({
      onCall: async (call, proceed) =>
        call.action === 'RunTask'
          ? { tasks: [], failures: [{ reason: 'Capacity is unavailable at this time.' }] }
          : proceed(),
    });
    const reply = await bastions.call('POST /', arjen);
    expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    expect(reply.json.ErrorMessage).toMatch(/Capacity is unavailable at this time/);
    expect(await bastions.left()).toEqual([]);
  });

  it('for lack of capacity is asked for again, in one zone after the other, with a new token', async () => {
    const asked: { token: string; subnets: string[] }[] = [];
    const bastions = await deploy({
      onCall: async (call, proceed) => {
        if (call.action !== 'RunTask') return proceed();
        const { clientToken, networkConfiguration } = Object(call.input);
        asked.push({ token: clientToken, subnets: networkConfiguration.awsvpcConfiguration.subnets });
        return asked.length < 3
          ? { tasks: [], failures: [{ reason: 'Capacity is unavailable at this time.' }] }
          : proceed();
      },
    });
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
    const subnets = bastions.stack.subnets.map(({ subnetId }) => subnetId);
    expect(asked.map((one) => one.subnets)).toEqual([subnets, [subnets[0]], [subnets[1]]]);
    expect(new Set(asked.map(({ token }) => token)).size).toBe(3);
    expect(bastions.containers.running()).toHaveLength(1);
  });

  it('for lack of capacity is given up when an earlier try may have run a task, and that one goes too', async () => {
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
        return { tasks: [], failures: [{ reason: 'Capacity is unavailable at this time.' }] };
      },
    });
    expect((await bastions.call('POST /', arjen)).status).toBe(503);
    expect(tries).toBe(3);
    await bastions.clock.advance(10 * secondMs);
    expect(bastions.containers.running()).not.toEqual([]);
    await bastions.clock.advance(3 * minuteMs);
    expect(await bastions.left()).toEqual([]);
  });

  it.each([
    ['RunTask', new AwsError('ThrottlingException', 'Rate exceeded')],
    ['RunTask', new AwsError('ServerException', 'Internal error', 500)],
    ['CreateSecurityGroup', new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503)],
  ])('because %s fails longer than we try (%s) is answered 503, and nothing is left', async (action, error) => {
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
    expect(await bastions.left()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
  });

  it('because the task stops late is answered 502 in time, however slow its removal is', async () => {
    const bastions: Deployment = await deploy({
      delays: { pullingMs: 15 * secondMs },
      onCall: async (call, proceed, invocation) => {
        if (call.kind === 'delivery' && call.service === 'events') return undefined;
        if (invocation?.title === 'Start' && call.action === 'DeleteSecurityGroup')
          await bastions.clock.sleep(20 * secondMs);
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
    expect(await bastions.left()).toEqual([]);
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
    expect(await bastions.left()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped', reason: 'start-failed' }]);
  });
});
