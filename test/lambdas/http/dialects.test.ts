import { describe, expect, it } from 'vitest';
import { InvalidRequest } from '../../../lambdas/core/session/errors.ts';
import { parseStart, parseStop } from '../../../lambdas/http/webhooks/dialects.ts';

const d0 = { activationId: 'aid', activationRegion: 'us-east-1', activationCode: 'acode' };
const d1 = { ...d0, orgId: 'oid', orgProvider: 'google' };
const d2a = { activationToken: 'token', environmentId: 'eid' };
const d2 = { ...d2a, serviceUrl: 'https://cloud.example.com/' };

const activation = { ACTIVATION_ID: 'aid', ACTIVATION_REGION: 'us-east-1', ACTIVATION_CODE: 'acode' };
const start = (body: unknown) => parseStart(JSON.stringify(body));

describe('a request for /start', () => {
  it.each([
    ['D0', d0, 'ssm', 'containerId', activation],
    ['D1', d1, 'bzero-ssm', 'containerId', { ...activation, ORG_ID: 'oid', ORG_PROVIDER: 'google' }],
    [
      'D2a',
      d2a,
      'bzero',
      'uniqueId',
      { SERVICE_URL: 'https://cloud.bastionzero.com', ACTIVATION_TOKEN: 'token', ENVIRONMENT_ID: 'eid' },
    ],
    [
      'D2',
      d2,
      'bzero',
      'uniqueId',
      { SERVICE_URL: 'https://cloud.example.com/', ACTIVATION_TOKEN: 'token', ENVIRONMENT_ID: 'eid' },
    ],
    [
      'D2 with an empty environment',
      { ...d2, environmentId: '' },
      'bzero',
      'uniqueId',
      { SERVICE_URL: 'https://cloud.example.com/', ACTIVATION_TOKEN: 'token', ENVIRONMENT_ID: '' },
    ],
    [
      'D2 without an environment',
      { activationToken: 't', serviceUrl: 'https://x.io' },
      'bzero',
      'uniqueId',
      { SERVICE_URL: 'https://x.io', ACTIVATION_TOKEN: 't', ENVIRONMENT_ID: '' },
    ],
    ['unknown fields beside', { ...d0, extra: { deep: 1 } }, 'ssm', 'containerId', activation],
  ])('is understood in dialect %s', (_, body, kind, idName, variables) => {
    expect(start(body)).toMatchObject({ agent: { kind, idName }, variables });
  });

  it.each([
    ['no code', { ...d0, activationCode: undefined }, /activationCode is missing/],
    ['an empty id', { ...d0, activationId: '' }, /activationId: expected text that is not empty/],
    ['a number', { ...d0, activationCode: 12345 }, /activationCode: expected text/],
    ['nothing', {}, /activationId is missing; activationRegion is missing; activationCode is missing/],
    ['an organization without provider', { ...d0, orgId: 'x' }, /orgProvider is missing/],
    ['a provider without organization', { ...d0, orgProvider: 'x' }, /orgId is missing/],
    ['neither environment nor service', { activationToken: 't' }, /environmentId is missing/],
    [
      'an empty environment and no service',
      { activationToken: 't', environmentId: '' },
      /environmentId: expected text/,
    ],
    ['an empty service', { ...d2, serviceUrl: '' }, /serviceUrl: expected text/],
    ['a service without TLS', { ...d2, serviceUrl: 'http://x.io' }, /serviceUrl: expected an https URL/],
    ['a line break', { ...d0, activationRegion: 'a\nb' }, /activationRegion: expected no control characters/],
    ['a very long value', { ...d0, activationCode: 'x'.repeat(2049) }, /activationCode: expected at most 2048/],
  ])('is refused with %s, and the message names the field', (_, body, message) => {
    expect(() => start(body)).toThrow(InvalidRequest);
    expect(() => start(body)).toThrow(message);
  });

  it.each(['', 'activationId=aid', '[]', '"text"', 'null', '{"a":'])('is refused with the body %j', (body) => {
    expect(() => parseStart(body)).toThrow(InvalidRequest);
  });

  it('is refused without a word of its values', () => {
    for (const body of [
      { ...d0, activationCode: 'secret\n' },
      { ...d2, activationToken: 5, serviceUrl: 'secret' },
    ]) {
      expect(() => start(body)).not.toThrow(/secret/);
    }
  });

  it('has the same hash as another one exactly if their activations are equal', () => {
    const hashes = [
      d0,
      d1,
      { ...d0, activationCode: 'other' },
      { ...d0, activationId: 'aida', activationCode: 'code' },
      d2a,
      d2,
    ].map((body) => start(body).activationHash);
    expect(hashes[0]).toBe(hashes[1]); // the same activation in another dialect
    expect(hashes[4]).toBe(hashes[5]);
    expect(new Set(hashes).size).toBe(4);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a request for /stop', () => {
  it.each([
    [{ containerId: 'c' }, 'c'],
    [{ uniqueId: 'u' }, 'u'],
    [{ uniqueId: 'u', extra: 1 }, 'u'],
  ])('with the body %j stops %s', (body, id) => expect(parseStop(JSON.stringify(body))).toBe(id));

  it.each([{}, { containerId: 5 }, { containerId: '' }, { id: 'x' }])('is refused with the body %j', (body) => {
    expect(() => parseStop(JSON.stringify(body))).toThrow(/containerId or uniqueId/);
  });
});
