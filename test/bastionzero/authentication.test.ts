/** Every wrong authentication gets the same refusal, and its function does nothing else. */
import { describe, expect, it } from 'vitest';
import { activations, hmacHeaders } from '../support/activations.ts';
import { deploy } from '../support/deploy.ts';
import type { Deployment, DeploymentOptions } from '../support/deployment.ts';
import { putSecret, secretOf } from '../support/secret.ts';
import { minuteMs } from '../support/time.ts';

const [activation] = activations('auth');
const body = JSON.stringify(activation?.body);

interface Circumstances {
  readonly secret: string;
  /** Epoch seconds. */
  readonly now: number;
}

type Headers = Record<string, string>;

/** Deploys the stack. `calls` holds every call that its webhook functions have made. */
async function watched(options: DeploymentOptions = {}) {
  const calls: string[] = [];
  const bastions = await deploy({
    ...options,
    onCall(call, proceed, invocation) {
      if (call.kind === 'api' && invocation?.title.startsWith('Webhook')) calls.push(call.action);
      return options.onCall ? options.onCall(call, proceed, invocation) : proceed();
    },
  });
  return { bastions, calls };
}

const circumstancesOf = async (bastions: Deployment): Promise<Circumstances> => ({
  secret: await secretOf(bastions),
  now: Math.floor(bastions.clock.now() / 1000),
});

const refused = { status: 401, json: { ErrorMessage: 'Authentication failed' } };

describe('a webhook with Basic authentication', () => {
  const wrong: Record<string, (circumstances: Circumstances) => Headers> = {
    'no credentials': () => ({}),
    'another secret': () => ({ authorization: 'Basic Y29vbGJlYW5z' }),
    'an empty secret': () => ({ authorization: 'Basic ' }),
    'no scheme': ({ secret }) => ({ authorization: secret }),
    'another scheme': ({ secret }) => ({ authorization: `Bearer ${secret}` }),
    'the secret and more': ({ secret }) => ({ authorization: `Basic ${secret}x` }),
    'a part of the secret': ({ secret }) => ({ authorization: `Basic ${secret.slice(0, -1)}` }),
    'the secret in another case': ({ secret }) => ({ authorization: `Basic ${swapCase(secret)}` }),
    'user and password': ({ secret }) => ({
      authorization: `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`,
    }),
    'two in one header': ({ secret }) => ({ authorization: `Basic wrong,Basic ${secret}` }),
    'both headers': ({ secret }) => ({ authorization: `Basic ${secret}`, authentication: 'Basic wrong-wrong-wrong' }),
    'another header': ({ secret }) => ({ 'x-authorization': `Basic ${secret}` }),
    'a signature, while those are off': ({ secret, now }) => hmacHeaders(secret, 'start', body, now),
  };

  it.each(Object.keys(wrong))('is refused with %s', async (name) => {
    const { bastions, calls } = await watched();
    const headers = wrong[name]?.(await circumstancesOf(bastions)) ?? {};
    for (const route of ['POST /start', 'POST /stop']) {
      expect(await bastions.call(route, { headers, body })).toMatchObject(refused);
    }
    expect(calls.filter((action) => action !== 'GetSecretValue')).toEqual([]);
    expect(await bastions.rows()).toEqual([]);
  });

  it.each(['authorization', 'authentication'])(
    'is accepted in the header %s, in every case of the scheme',
    async (header) => {
      const { bastions } = await watched();
      const { secret } = await circumstancesOf(bastions);
      for (const scheme of ['Basic', 'basic', 'BASIC']) {
        expect(
          (await bastions.call('POST /start', { headers: { [header]: `${scheme} ${secret}` }, body })).status,
        ).toBe(200);
      }
    },
  );
});

describe('the webhooks’ secret', () => {
  it.each([
    ['is no JSON', 'plain-text-secret-0123456789'],
    ['is empty', '{"current":""}'],
    ['is short', '{"current":"short"}'],
    ['has another shape', '{"secret":"0123456789012345678901234567890123456789"}'],
  ])('that %s allows no request', async (_, value) => {
    const { bastions, calls } = await watched();
    await putSecret(bastions, value);
    for (const secret of [
      '',
      'short',
      'undefined',
      '0123456789012345678901234567890123456789',
      'plain-text-secret-0123456789',
    ]) {
      expect(await bastions.call('POST /start', { headers: { authorization: `Basic ${secret}` }, body })).toMatchObject(
        refused,
      );
    }
    expect(calls.filter((action) => action !== 'GetSecretValue')).toEqual([]);
  });

  it('that can not be read allows no request', async () => {
    const { bastions } = await watched({
      onCall: async (call, proceed, invocation) => {
        if (call.action === 'GetSecretValue' && invocation) throw new Error('socket hang up');
        return proceed();
      },
    });
    const { secret } = await circumstancesOf(bastions);
    expect(await bastions.call('POST /start', { headers: { authorization: `Basic ${secret}` }, body })).toMatchObject(
      refused,
    );
  });

  it('is read once in five minutes, and allows the previous one during a rotation', async () => {
    const { bastions, calls } = await watched();
    const { secret: old } = await circumstancesOf(bastions);
    const fresh = 'n'.repeat(44);
    const accepted = async (secret: string) =>
      (await bastions.call('POST /stop', { headers: { authorization: `Basic ${secret}` }, body: '{"uniqueId":"x"}' }))
        .status !== 401;
    expect([await accepted(old), await accepted(old), await accepted(fresh)]).toEqual([true, true, false]);
    expect(calls.filter((action) => action === 'GetSecretValue')).toHaveLength(1);

    await putSecret(bastions, JSON.stringify({ current: fresh, previous: old }));
    await bastions.clock.advance(5 * minuteMs);
    expect([await accepted(old), await accepted(fresh)]).toEqual([true, true]);
    await putSecret(bastions, JSON.stringify({ current: fresh, previous: '' }));
    await bastions.clock.advance(5 * minuteMs);
    expect([await accepted(old), await accepted(fresh), await accepted('')]).toEqual([false, true, false]);
  });
});

describe('a webhook with HMAC authentication', () => {
  const withHmac = { environment: { WEBHOOK_HMAC: 'true' } };
  const sign = (
    { secret, now }: Circumstances,
    change: Partial<{ action: 'start' | 'stop'; body: string; at: number; secret: string }> = {},
  ) => hmacHeaders(change.secret ?? secret, change.action ?? 'start', change.body ?? body, change.at ?? now);

  const wrong: Record<string, (circumstances: Circumstances) => Headers> = {
    'another secret': (circumstances) => sign(circumstances, { secret: 'deadbeef' }),
    'another action': (circumstances) => sign(circumstances, { action: 'stop' }),
    'another body': (circumstances) => sign(circumstances, { body: '{}' }),
    'a time too long ago': (circumstances) => sign(circumstances, { at: circumstances.now - 301 }),
    'a time too far ahead': (circumstances) => sign(circumstances, { at: circumstances.now + 302 }),
    'another time than was signed': (circumstances) => ({
      ...sign(circumstances),
      'x-timestamp': String(circumstances.now - 1),
    }),
    'no time': (circumstances) => ({ 'x-signature': sign(circumstances)['x-signature'] }),
    'no signature': (circumstances) => ({ 'x-timestamp': String(circumstances.now) }),
    'a time that is no number': (circumstances) => ({ ...sign(circumstances), 'x-timestamp': 'now' }),
    'a signature that is no hex': (circumstances) => ({ ...sign(circumstances), 'x-signature': 'z'.repeat(64) }),
    'a signature cut short': (circumstances) => ({
      ...sign(circumstances),
      'x-signature': sign(circumstances)['x-signature'].slice(2),
    }),
  };

  it.each(Object.keys(wrong))('is refused with %s', async (name) => {
    const { bastions, calls } = await watched(withHmac);
    const headers = wrong[name]?.(await circumstancesOf(bastions)) ?? {};
    expect(await bastions.call('POST /start', { headers, body })).toMatchObject(refused);
    expect(calls.filter((action) => action !== 'GetSecretValue')).toEqual([]);
  });

  it.each([
    ['longer than a body may be', 'x'.repeat(16_385)],
    ['that is no JSON', '{'],
  ])('is refused with a stranger’s signature of a body %s, and that is no error of ours', async (_, strange) => {
    const { bastions } = await watched(withHmac);
    const headers = sign(await circumstancesOf(bastions), { secret: 'deadbeef', body: strange });
    expect(await bastions.call('POST /start', { headers, body: strange })).toMatchObject(refused);
    const decisions = bastions.logged.filter(({ requestId }) => requestId !== undefined);
    expect(decisions.map(({ decision }) => decision)).toEqual(['request refused']);
  });

  it('is accepted if only the answer to the note of its first use was lost', async () => {
    let isLost = false;
    const { bastions } = await watched({
      ...withHmac,
      onCall: async (call, proceed) => {
        const isFirst = !isLost && call.action === 'PutItem' && JSON.stringify(call.input).includes('signature#');
        const answer = await proceed();
        if (!isFirst) return answer;
        isLost = true;
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      },
    });
    const headers = sign(await circumstancesOf(bastions));
    expect((await bastions.call('POST /start', { headers, body })).status).toBe(200);
    expect(isLost).toBe(true);
    expect(await bastions.call('POST /start', { headers, body })).toMatchObject(refused);
  });

  it('is accepted once, with a signature of the raw body or of its compact JSON', async () => {
    const { bastions } = await watched(withHmac);
    const circumstances = await circumstancesOf(bastions);
    const headers = sign(circumstances);
    expect((await bastions.call('POST /start', { headers, body })).status).toBe(200);
    expect(await bastions.call('POST /start', { headers, body })).toMatchObject(refused);
    const upper = { ...headers, 'x-signature': headers['x-signature'].toUpperCase() };
    expect(await bastions.call('POST /start', { headers: upper, body })).toMatchObject(refused);

    const spaced = JSON.stringify(activation?.body, null, 2);
    await bastions.clock.advance(1000);
    const later = { ...circumstances, now: circumstances.now + 1 };
    expect((await bastions.call('POST /start', { headers: sign(later), body: spaced })).status).toBe(200);
    await bastions.clock.advance(1000);
    const raw = sign({ ...circumstances, now: circumstances.now + 2 }, { body: spaced });
    expect((await bastions.call('POST /start', { headers: raw, body: spaced })).status).toBe(200);
  });

  it('has the signatures of the protocol’s examples', () => {
    expect(
      hmacHeaders(
        'deadbeef',
        'start',
        '{"activationId":"aid","activationRegion":"us-east-1","activationCode":"acode"}',
        1612800000,
      ),
    ).toEqual({
      'x-timestamp': '1612800000',
      'x-signature': '2245f343041ea01b3d87921d313581f862f59da99d88e3d41393627dfa04a160',
    });
    expect(hmacHeaders('deadbeef', 'stop', '{"containerId":"cid"}', 1612800000)['x-signature']).toBe(
      'cd17cae92e68a7f03fe8deac443fe78d4377ac89f4426a9e7bd079ece3f3dddb',
    );
  });
});

const swapCase = (text: string) =>
  text.replace(/[a-z]/gi, (char) => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase()));
