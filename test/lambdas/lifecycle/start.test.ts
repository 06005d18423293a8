import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { inProcess } from '../../../local/aws/in-process.ts';
import { AwsError } from '../../../local/aws/wire.ts';
import { deploy } from '../../support/deploy.ts';
import { type Deployment, key } from '../../support/deployment.ts';

const asJson = 'application/json';
const arjen = { query: { user: 'arjen' }, body: key(1), accept: asJson };

const openTo = (bastions: Deployment, host: string, sourceIp: string) =>
  bastions.containers.letsIn(host, { port: 22, sourceIp });

describe('a first request', () => {
  it('answers with the address of a bastion that only the caller can reach', async () => {
    const bastions = await deploy();
    const { status, body, headers } = await bastions.call('POST /', { query: { user: 'arjen' }, body: key(1) });
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/plain; charset=utf-8' });
    expect(body).toMatch(/^198\.18\.0\.\d+$/);
    expect(openTo(bastions, body, '198.51.100.4')).toBe(true);
    expect(openTo(bastions, body, '198.51.100.5')).toBe(false);
    expect(bastions.containers.letsIn(body, { port: 2222, sourceIp: '198.51.100.4' })).toBe(false);
  });

  it('answers in JSON when asked to', async () => {
    const bastions = await deploy();
    const before = bastions.clock.now();
    const { json } = await bastions.call('POST /', arjen);
    expect(json).toEqual({
      sessionId: expect.stringMatching(/^[A-Za-z0-9-]{20,}$/),
      user: 'arjen',
      state: 'running',
      host: expect.any(String),
      port: 22,
      login: 'bastion',
      allowedCidrs: ['198.51.100.4/32'],
      createdAt: new Date(before).toISOString().replace('.000', ''),
      expiresAt: new Date(before + 3_600_000).toISOString().replace('.000', ''),
    });
  });

  it('runs the agent with the key, the latest end and the port, and nothing secret', async () => {
    const bastions = await deploy();
    const before = bastions.clock.now();
    await bastions.call('POST /', { ...arjen, body: `${key(1)} arjen@laptop\n` });
    const [ssh] = bastions.containers.running();
    expect(ssh).toMatchObject({
      name: 'ssh',
      environment: { AUTHORIZED_KEY: key(1), LATEST_END: String(before / 1000 + 24 * 3600), SSH_PORT: '22' },
    });
  });

  it('takes the key as JSON', async () => {
    const bastions = await deploy();
    const { status } = await bastions.call('POST /', { ...arjen, body: JSON.stringify({ publicKey: key(1) }) });
    expect(status).toBe(200);
  });

  it('takes the key that is stored for the user when none is sent', async () => {
    const bastions = await deploy();
    const ssm = new SSMClient(inProcess(bastions.aws, bastions.clock));
    const parameter = { Name: '/bastions/keys/arjen', Value: `${key(3)} arjen`, Type: 'String' } as const;
    await bastions.clock.run(ssm.send(new PutParameterCommand(parameter)));
    expect((await bastions.call('POST /', { ...arjen, body: '' })).status).toBe(200);
    expect(bastions.containers.running()[0]?.environment.AUTHORIZED_KEY).toBe(key(3));
  });

  it('lets an IPv6 caller in by /128', async () => {
    const bastions = await deploy();
    const { json } = await bastions.call('POST /', { ...arjen, from: '2001:db8::1' });
    expect(json.allowedCidrs).toEqual(['2001:db8::1/128']);
    expect(openTo(bastions, json.host, '2001:db8::1')).toBe(true);
    expect(openTo(bastions, json.host, '2001:db8::2')).toBe(false);
  });

  it('answers 202 when the task takes longer than an answer may, and 200 when asked again', async () => {
    const bastions = await deploy({ delays: { pullingMs: 40_000 } });
    const first = await bastions.call('POST /', arjen);
    expect(first).toMatchObject({ status: 202, headers: { 'retry-after': '5' }, json: { state: 'starting' } });
    expect(first.json).not.toHaveProperty('host');
    const second = await bastions.call('POST /', arjen);
    expect(second).toMatchObject({ status: 200, json: { sessionId: first.json.sessionId, state: 'running' } });
  });

  it('answers 202 with an empty body as text', async () => {
    const bastions = await deploy({ delays: { pullingMs: 40_000 } });
    expect(await bastions.call('POST /', { ...arjen, accept: '*/*' })).toMatchObject({ status: 202, body: '' });
  });

  it('survives an AWS that knows nothing of what it has just made', async () => {
    const bastions = await deploy({ delays: { visibilityMs: 900 } });
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
  });
});

describe('asking again', () => {
  it('answers with the live bastion', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    for (const body of [key(1), `${key(1)} another comment`, '']) {
      expect((await bastions.call('POST /', { ...arjen, body })).json.sessionId).toBe(first.json.sessionId);
    }
    expect(bastions.containers.running()).toHaveLength(1);
  });

  it('finds the same bastion whatever the case of the user', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    const second = await bastions.call('POST /', { ...arjen, query: { user: 'ARJEN' } });
    expect(second.json).toMatchObject({ sessionId: first.json.sessionId, user: 'arjen' });
  });

  it('from another address lets that one in and the old one out, in place', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    const second = await bastions.call('POST /', { ...arjen, from: '203.0.113.9' });
    expect(second.json).toMatchObject({ sessionId: first.json.sessionId, allowedCidrs: ['203.0.113.9/32'] });
    expect(openTo(bastions, second.json.host, '203.0.113.9')).toBe(true);
    expect(openTo(bastions, second.json.host, '198.51.100.4')).toBe(false);
  });

  it('from another address lets it in although an earlier request died halfway', async () => {
    let dies = false;
    const bastions = await deploy({
      reaps: false,
      onCall: async (call, proceed, invocation) => {
        if (!dies || !invocation || call.action !== 'DescribeSecurityGroups') return proceed();
        dies = false;
        invocation.isDead = true; // the row has the new address already, the group has not
        return new Promise(() => {});
      },
    });
    const { json } = await bastions.call('POST /', arjen);
    dies = true;
    bastions.send('POST /', { ...arjen, from: '203.0.113.9' }).catch(() => {});
    await bastions.clock.advance(2 * 60_000);
    expect((await bastions.call('POST /', { ...arjen, from: '203.0.113.9' })).status).toBe(200);
    expect(openTo(bastions, json.host, '203.0.113.9')).toBe(true);
    expect(openTo(bastions, json.host, '198.51.100.4')).toBe(false);
  });

  it('from many addresses at once leaves exactly the one that the row names', async () => {
    const bastions = await deploy();
    const { json } = await bastions.call('POST /', arjen);
    const sources = Array.from({ length: 8 }, (_, n) => `203.0.113.${n + 1}`);
    await bastions.clock.run(Promise.all(sources.map((from) => bastions.send('POST /', { ...arjen, from }))));
    const row = await bastions.clock.run(bastions.sessions.find(json.sessionId));
    const open = sources.filter((source) => openTo(bastions, json.host, source));
    expect(open.map((source) => `${source}/32`)).toEqual(row?.allowedCidrs);
  });

  it('while the first start is under way waits for that one, with the newer address', async () => {
    const bastions = await deploy();
    const [first, second] = await bastions.clock.run(
      Promise.all([bastions.send('POST /', arjen), bastions.send('POST /', { ...arjen, from: '203.0.113.9' })]),
    );
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.json.sessionId).toBe(second.json.sessionId);
    const row = await bastions.clock.run(bastions.sessions.find(first.json.sessionId));
    for (const source of ['198.51.100.4', '203.0.113.9']) {
      expect(openTo(bastions, first.json.host, source)).toBe(row?.allowedCidrs.includes(`${source}/32`));
    }
  });

  it('twenty times at once gives one bastion', async () => {
    const bastions = await deploy();
    const replies = await bastions.clock.run(
      Promise.all(Array.from({ length: 20 }, () => bastions.send('POST /', arjen))),
    );
    expect(new Set(replies.map(({ json }) => json.sessionId)).size).toBe(1);
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    expect(bastions.containers.running()).toHaveLength(1);
    expect(await bastions.rows()).toHaveLength(1);
  });

  it('with another key is refused until the live one is stopped', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', arjen);
    const reply = await bastions.call('POST /', { ...arjen, body: key(2), from: '203.0.113.9' });
    expect(reply).toMatchObject({ status: 409, json: { ErrorMessage: expect.stringMatching(/Stop it first/) } });
    const [row] = await bastions.rows();
    expect(row?.allowedCidrs).toEqual(['198.51.100.4/32']);
  });

  it('with a ttl moves the expiry, never beyond the longest lifetime', async () => {
    const bastions = await deploy();
    const first = await bastions.call('POST /', arjen);
    const createdAt = Date.parse(first.json.createdAt);
    const expiryAfter = async (hours: number, ttl?: string) => {
      await bastions.clock.advance(hours * 3_600_000);
      const { json } = await bastions.call('POST /', { ...arjen, query: { user: 'arjen', ...(ttl && { ttl }) } });
      expect(json.sessionId).toBe(first.json.sessionId);
      return Math.round((Date.parse(json.expiresAt) - createdAt) / 60_000);
    };
    expect(await expiryAfter(0.5, '8h')).toBe(8 * 60 + 30);
    expect(await expiryAfter(7.5)).toBe(8 * 60 + 30);
    expect(await expiryAfter(0.25, '8h')).toBe(16 * 60 + 15);
    expect(await expiryAfter(7.75, '8h')).toBe(24 * 60);
    expect(await expiryAfter(0.5, '1m')).toBe(16 * 60 + 31);
  });

  it('after it has expired, before anyone noticed, gives a new bastion', async () => {
    const bastions = await deploy({ reaps: false });
    const first = await bastions.call('POST /', arjen);
    await bastions.clock.advance(3_600_001);
    expect((await bastions.call('GET /', arjen)).status).toBe(404);
    const second = await bastions.call('POST /', arjen);
    expect(second.status).toBe(200);
    expect(second.json.sessionId).not.toBe(first.json.sessionId);
  });

  it('after its container has gone, before anyone noticed, gives a new bastion', async () => {
    const bastions = await deploy({
      reaps: false,
      onCall: async (call, proceed) => (call.kind === 'delivery' ? undefined : proceed()), // every event is lost
    });
    const first = await bastions.call('POST /', arjen);
    const [ssh] = bastions.containers.running();
    bastions.containers.exit(ssh?.taskId ?? '', 'ssh', 1);
    await bastions.clock.advance(10_000);
    const second = await bastions.call('POST /', arjen);
    expect(second.status).toBe(200);
    expect(second.json.sessionId).not.toBe(first.json.sessionId);
  });
});

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
    expect((await bastions.call('POST /', { by, body: key(1), accept: asJson })).json.user).toBe('bob');
  });
});

describe('a start that AWS refuses', () => {
  const failing = (action: string, error: AwsError) => ({
    onCall: async (call: { action: string }, proceed: () => Promise<unknown>) => {
      if (call.action === action) throw error;
      return proceed();
    },
  });

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
    const bastions = await deploy(failing(action, error));
    const reply = await bastions.call('POST /', arjen);
    expect(reply).toMatchObject({ status, json: { ErrorMessage: expect.stringMatching(message) } });
    expect(reply.json.ErrorMessage).not.toMatch(/arn:/);
    await bastions.clock.advance(60_000);
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
    await bastions.clock.advance(3 * 60_000);
    expect(await bastions.left()).toEqual([]);
    expect(await bastions.rows()).toMatchObject([{ state: 'stopped' }]);
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
