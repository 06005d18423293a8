import { describe, expect, it } from 'vitest';
import { Forbidden, InvalidRequest } from '../../../lambdas/core/session/errors.ts';
import { bodyText, callerCidr, parseEvent } from '../../../lambdas/http/event.ts';
import { parseHistoryQuery, positionToken } from '../../../lambdas/http/people/history-query.ts';
import { parseTtl } from '../../../lambdas/http/people/ttl.ts';
import { personArn } from '../../support/people.ts';

const event = (options: { body?: string; base64?: boolean; sourceIp?: string } = {}) =>
  parseEvent({
    version: '2.0',
    routeKey: 'POST /',
    headers: {},
    ...(options.body !== undefined && { body: options.body }),
    isBase64Encoded: options.base64 ?? false,
    requestContext: {
      requestId: 'r-1',
      timeEpoch: 0,
      http: { method: 'POST', sourceIp: options.sourceIp ?? '198.51.100.4' },
    },
  });

describe('a ttl', () => {
  it.each([
    ['1m', 60],
    ['90m', 5400],
    ['8h', 28_800],
    ['480m', 28_800],
  ])('of %s is %d s', (value, seconds) => expect(parseTtl(value, 28_800)).toBe(seconds));

  it.each(['', '0m', '0h', '90', '90s', '1.5h', '-1h', '9h', '481m', '1h30m', '1H', ' 1h', '1h,2h', '99999999h'])(
    'of %j is refused with a message that says the format',
    (value) => expect(() => parseTtl(value, 28_800)).toThrow(/expected <number>m or <number>h, from 1m to 480m/),
  );
});

describe('a body', () => {
  it('is decoded if API Gateway has encoded it', () => {
    expect(bodyText(event({ body: Buffer.from('clé').toString('base64'), base64: true }))).toBe('clé');
    expect(bodyText(event())).toBe('');
  });

  it('has at most 16 kB', () => {
    expect(bodyText(event({ body: 'x'.repeat(16_384) }))).toHaveLength(16_384);
    expect(() => bodyText(event({ body: 'x'.repeat(16_385) }))).toThrow(/16385 bytes/);
  });

  it('is refused if it is not UTF-8', () => {
    const body = Buffer.from([0xff, 0xfe]).toString('base64');
    expect(() => bodyText(event({ body, base64: true }))).toThrow(/not UTF-8/);
  });
});

describe("the caller's address", () => {
  it.each([
    ['198.51.100.4', '198.51.100.4/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8::1/128'],
  ])('%s becomes %s', (sourceIp, cidr) => expect(callerCidr(event({ sourceIp }))).toBe(cidr));

  it('is refused if it is no IP address', () =>
    expect(() => callerCidr(event({ sourceIp: 'unknown' }))).toThrow(/expected an IPv4/));
});

describe('a history query', () => {
  const ann = { id: personArn('Ann'), name: 'Ann', isAdmin: false };
  const admin = { id: personArn('admin'), name: 'admin', isAdmin: true };

  it.each([
    [ann, {}, { limit: 50, claim: 'user#ann' }],
    [admin, {}, { limit: 50 }],
    [admin, { user: 'Bob' }, { limit: 50, claim: 'user#bob' }],
    [ann, { state: 'stopped', limit: '100' }, { limit: 100, claim: 'user#ann', state: 'stopped' }],
  ])('by %j with %j is understood', (caller, query, expected) =>
    expect(parseHistoryQuery(query, caller)).toEqual(expected),
  );

  it('continues at the end of a page', () => {
    const after = { sessionId: '00000000-0000-4000-8000-000000000001', createdAt: 5 };
    expect(parseHistoryQuery({ next: positionToken(after) }, ann).after).toEqual(after);
  });

  it.each([
    [ann, { user: 'bob' }, Forbidden],
    [ann, { limit: '0' }, InvalidRequest],
    [ann, { limit: '101' }, InvalidRequest],
    [ann, { limit: 'many' }, InvalidRequest],
    [ann, { state: 'dead' }, InvalidRequest],
    [ann, { next: 'rubbish' }, InvalidRequest],
    [ann, { next: Buffer.from('{"sessionId":1}').toString('base64url') }, InvalidRequest],
  ])('by %j with %j is refused', (caller, query, error) =>
    expect(() => parseHistoryQuery(query, caller)).toThrow(error),
  );
});
