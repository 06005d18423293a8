import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../lambdas/fingerprint.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { accountId, asJson, publicKey } from '../../support/people.ts';

const ann = `arn:aws:sts::${accountId}:assumed-role/dev/ann`;
const key = publicKey(1);
const request = { by: ann, from: '198.51.100.4', body: key, accept: asJson };

/** The decisions of the next request, with who asked. */
async function decisions(bastions: Deployment, act: () => Promise<unknown>) {
  const before = bastions.logged.length;
  await act();
  return bastions.logged.slice(before).filter(({ requestId }) => requestId !== undefined);
}

describe('the log of a request', () => {
  it.each([
    ['a start', 'task accepted', (b: Deployment) => b.call('POST /', { ...request, query: { ttl: '2h' } })],
    ['a start that finds a live bastion', 'bastion found', (b: Deployment) => b.call('POST /', request)],
    ['a move', 'address moved', (b: Deployment) => b.call('POST /', { ...request, from: '203.0.113.9' })],
    ['an extension', 'expiry changed', (b: Deployment) => b.call('POST /', { ...request, query: { ttl: '3h' } })],
    ['a stop', 'stop asked for', (b: Deployment) => b.call('DELETE /', request)],
  ])('tells who decided on %s, from where, with which key', async (title, decision, act) => {
    const bastions = await deploy();
    if (title !== 'a start') await bastions.call('POST /', { ...request, query: { ttl: '2h' } });
    const lines = await decisions(bastions, () => act(bastions));
    const [row] = await bastions.rows();
    expect(lines).toContainEqual(
      expect.objectContaining({
        decision,
        caller: ann,
        owner: 'ann',
        sourceIp: title === 'a move' ? '203.0.113.9' : '198.51.100.4',
        requestId: 'request-1',
        sessionId: row?.sessionId,
        keyFingerprint: fingerprintOf(key),
      }),
    );
  });

  it.each([
    ['a wrong ttl', { query: { ttl: 'never' } }, /^ttl: got "never"/],
    ['another user', { query: { user: 'bob' } }, /may not act for bob/],
    ['a caller who is no person', { by: `arn:aws:iam::${accountId}:root` }, /no person/],
  ])('tells who was refused for %s, and why', async (_, change, detail) => {
    const bastions = await deploy();
    const lines = await decisions(bastions, () => bastions.call('POST /', { ...request, ...change }));
    expect(lines).toMatchObject([
      {
        decision: 'request refused',
        caller: 'by' in change ? change.by : ann,
        sourceIp: '198.51.100.4',
        requestId: 'request-1',
        detail: expect.stringMatching(detail),
      },
    ]);
    expect(await bastions.rows()).toEqual([]);
  });
});

describe('the row of a bastion', () => {
  it('keeps who started it, from where, with which key, and who moved it last', async () => {
    const bastions = await deploy();
    await bastions.call('POST /', request);
    const started = { startedBy: ann, startedFrom: '198.51.100.4' };
    expect(await bastions.rows()).toMatchObject([{ ...started, agent: { keyFingerprint: fingerprintOf(key) } }]);
    const admin = { query: { user: 'ann' }, from: '203.0.113.9', accept: asJson };
    const { json } = await bastions.call('POST /', admin);
    expect(json).toMatchObject({ ...started, movedBy: expect.stringMatching(/:user\//) });
    const { json: listed } = await bastions.call('GET /sessions', request);
    expect(listed.sessions).toMatchObject([{ ...started, movedBy: json.movedBy, keyFingerprint: fingerprintOf(key) }]);
  });
});

it('a fingerprint is the one that OpenSSH shows', () => {
  const shown = execFileSync('ssh-keygen', ['-l', '-f', '-'], { input: `${key}\n`, encoding: 'utf8' });
  expect(shown.split(' ')[1]).toBe(fingerprintOf(key));
});
