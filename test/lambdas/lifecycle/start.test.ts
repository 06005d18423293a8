import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { inProcess } from '../../../emulator/in-process.ts';
import { deploy } from '../../support/deploy.ts';
import { type Deployment, isAllowed } from '../../support/deployment.ts';
import { admin, arjen, home, homeIpv6, publicKey } from '../../support/people.ts';
import { hourMs, secondMs } from '../../support/time.ts';

describe('a first POST /', () => {
  it('returns the address of a bastion that only the caller can reach', async () => {
    const bastions = await deploy();
    const { status, body, headers } = await bastions.call('POST /', { query: { user: 'arjen' }, body: publicKey(1) });
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/plain; charset=utf-8' });
    expect(body).toMatch(/^198\.18\.0\.\d+\n$/);
    const host = body.trimEnd();
    expect(isAllowed(bastions, host, home)).toBe(true);
    expect(isAllowed(bastions, host, '198.51.100.5')).toBe(false);
    expect(bastions.containers.letsIn(host, { port: 2222, sourceIp: home })).toBe(false);
  });

  it('returns as soon as the agent has taken its handoff', async () => {
    let takenAt = Number.POSITIVE_INFINITY;
    const bastions: Deployment = await deploy({
      onCall: async (call, proceed, invocation) => {
        const output = await proceed();
        if (call.action === 'DeleteItem' && !invocation) takenAt = Math.min(takenAt, bastions.clock.now());
        return output;
      },
    });
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
    expect(bastions.clock.now() - takenAt).toBeLessThan(300);
  });

  it('returns JSON if the caller accepts it', async () => {
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
      keyFingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
      startedBy: admin,
      startedFrom: home,
      hostKeys: ['ssh-ed25519 AAAA1', 'ecdsa-sha2-nistp256 AAAA1'],
      allowedCidrs: [`${home}/32`],
      createdAt: new Date(before).toISOString().replace('.000', ''),
      expiresAt: new Date(before + hourMs).toISOString().replace('.000', ''),
      cost: { perHour: 0.0149, soFar: 0.0002, currency: 'USD' },
    });
  });

  it('runs the agent with the session’s id, the key, the latest end and the port', async () => {
    const bastions = await deploy();
    const before = bastions.clock.now();
    await bastions.call('POST /', { ...arjen, body: `${publicKey(1)} arjen@laptop\n` });
    const [row] = await bastions.rows();
    const [ssh] = bastions.containers.running();
    expect(ssh).toMatchObject({
      name: 'ssh',
      environment: {
        SESSION_ID: row?.sessionId,
        AUTHORIZED_KEY: publicKey(1),
        LATEST_END: String(before / 1000 + 24 * 3600),
        SSH_PORT: '22',
      },
    });
  });

  it('takes the key as JSON', async () => {
    const bastions = await deploy();
    const { status } = await bastions.call('POST /', { ...arjen, body: JSON.stringify({ publicKey: publicKey(1) }) });
    expect(status).toBe(200);
  });

  it('takes the user’s stored key if none is sent', async () => {
    const bastions = await deploy();
    const ssm = new SSMClient(inProcess(bastions.aws, bastions.clock));
    const parameter = { Name: '/bastions/keys/arjen', Value: `${publicKey(3)} arjen`, Type: 'String' } as const;
    await bastions.clock.run(ssm.send(new PutParameterCommand(parameter)));
    expect((await bastions.call('POST /', { ...arjen, body: '' })).status).toBe(200);
    expect(bastions.containers.running()[0]?.environment.AUTHORIZED_KEY).toBe(publicKey(3));
  });

  it('allows an IPv6 caller by /128', async () => {
    const bastions = await deploy();
    const { json } = await bastions.call('POST /', { ...arjen, from: homeIpv6 });
    expect(json.allowedCidrs).toEqual([`${homeIpv6}/128`]);
    expect(isAllowed(bastions, json.host, homeIpv6)).toBe(true);
    expect(isAllowed(bastions, json.host, '2001:db8::2')).toBe(false);
  });

  it('returns 202 if the task takes longer than a reply may, and 200 when it is repeated', async () => {
    const bastions = await deploy({ delays: { pullingMs: 40 * secondMs } });
    const first = await bastions.call('POST /', arjen);
    expect(first).toMatchObject({ status: 202, headers: { 'retry-after': '1' }, json: { state: 'starting' } });
    expect(first.json).toMatchObject({ host: expect.stringMatching(/^198\.18\./), port: 22 });
    const second = await bastions.call('POST /', arjen);
    expect(second).toMatchObject({ status: 200, json: { sessionId: first.json.sessionId, state: 'running' } });
  });

  it.each([18, 19, 20, 21, 22])(
    'returns in time if RunTask takes %d s and AWS is slow from then on',
    async (seconds) => {
      let isSlow = false;
      const bastions: Deployment = await deploy({
        onCall: async (call, proceed, invocation) => {
          if (invocation?.title !== 'Start') return proceed();
          if (isSlow) await bastions.clock.sleep(2000);
          else if (call.action === 'RunTask') await bastions.clock.sleep(seconds * 1000);
          isSlow ||= call.action === 'RunTask';
          return proceed();
        },
      });
      expect([200, 202]).toContain((await bastions.call('POST /', arjen)).status);
    },
  );

  it.each([
    ['the address as text once AWS has told it', { pullingMs: 40 * secondMs }, /^198\.18\.0\.\d+\n$/],
    ['an empty text before', { provisioningMs: 40 * secondMs }, /^$/],
  ])('returns 202 with %s', async (_, delays, body) => {
    const bastions = await deploy({ delays });
    const reply = await bastions.call('POST /', { ...arjen, accept: '*/*' });
    expect(reply).toMatchObject({ status: 202, body: expect.stringMatching(body) });
  });

  it('succeeds while AWS does not know yet what it has just made', async () => {
    const bastions = await deploy({ delays: { visibilityMs: 900 } });
    expect((await bastions.call('POST /', arjen)).status).toBe(200);
  });
});
