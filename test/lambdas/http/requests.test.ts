import { describe, expect, it } from 'vitest';
import { Forbidden, InvalidRequest } from '../../../lambdas/core/session/errors.ts';
import { bodyText, callerCidr, parseEvent } from '../../../lambdas/http/event.ts';
import { callerOf, userFor } from '../../../lambdas/http/people/caller.ts';
import { parseHistoryQuery, positionToken } from '../../../lambdas/http/people/history-query.ts';
import { parseTtl } from '../../../lambdas/http/people/ttl.ts';

const event = (options: { body?: string; base64?: boolean; sourceIp?: string; userArn?: string } = {}) =>
  parseEvent({
    version: '2.0',
    routeKey: 'POST /',
    headers: {},
    ...(options.body !== undefined && { body: options.body }),
    isBase64Encoded: options.base64 ?? false,
    requestContext: {
      requestId: 'r-1',
      http: { method: 'POST', sourceIp: options.sourceIp ?? '198.51.100.4' },
      ...(options.userArn && { authorizer: { iam: { userArn: options.userArn } } }),
    },
  });

describe('a caller', () => {
  it.each([
    ['arn:aws:iam::123456789012:user/ann', 'ann'],
    ['arn:aws:iam::123456789012:user/team/a/ann', 'ann'],
    ['arn:aws:sts::123456789012:assumed-role/dev/ann@example.com', 'ann@example.com'],
    ['arn:aws:iam::123456789012:root', undefined],
  ])('%s is named %s', (userArn, name) => {
    expect(callerOf(event({ userArn }), [])).toEqual({ name, isAdmin: false });
  });

  it.each([
    [['arn:aws:sts::*:assumed-role/ops/*'], 'arn:aws:sts::1:assumed-role/ops/ann', true],
    [['arn:aws:sts::*:assumed-role/ops/*'], 'arn:aws:sts::1:assumed-role/opsx/ann', false],
    [['arn:aws:iam::1:user/an.'], 'arn:aws:iam::1:user/ann', false],
    [['arn:aws:iam::1:user/ann'], 'arn:aws:iam::1:user/ann2', false],
    [[], 'arn:aws:iam::1:root', false],
  ])('is an admin by the patterns %j as %s: %s', (admins, userArn, isAdmin) => {
    expect(callerOf(event({ userArn }), admins).isAdmin).toBe(isAdmin);
  });

  it('is refused without a checked identity, also if every caller is an admin', () => {
    expect(() => callerOf(event(), ['*'])).toThrow(Forbidden);
  });
});

describe('a request for a user', () => {
  const ann = { name: 'ann', isAdmin: false };
  const admin = { name: 'root', isAdmin: true };

  it.each([
    [ann, undefined, 'ann'],
    [ann, 'ANN', 'ANN'],
    [admin, 'bob', 'bob'],
    [admin, undefined, 'root'],
    [admin, '.hidden@example_x-1', '.hidden@example_x-1'],
    [admin, 'x'.repeat(64), 'x'.repeat(64)],
  ])('by %j that names %s is about %s', (caller, name, user) => {
    expect(userFor(caller, name)).toBe(user);
  });

  it.each([
    [ann, 'bob', Forbidden],
    [{ name: undefined, isAdmin: false }, 'bob', Forbidden],
    [{ name: undefined, isAdmin: true }, undefined, InvalidRequest],
    [admin, '', InvalidRequest],
    [admin, '-rf', InvalidRequest],
    [admin, 'a b', InvalidRequest],
    [admin, 'a,b', InvalidRequest], // two `user` parameters, joined by API Gateway
    [admin, 'ann\n', InvalidRequest],
    [admin, 'ünal', InvalidRequest],
    [admin, 'x'.repeat(65), InvalidRequest],
    [{ name: 'a+b=c', isAdmin: false }, undefined, InvalidRequest],
  ])('by %j that names %j is refused', (caller, name, error) => {
    expect(() => userFor(caller, name)).toThrow(error);
  });
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
  const ann = { name: 'Ann', isAdmin: false };
  const admin = { name: undefined, isAdmin: true };

  it.each([
    [ann, {}, { limit: 50, claim: 'user#ann' }],
    [admin, {}, { limit: 50 }],
    [admin, { user: 'Bob' }, { limit: 50, claim: 'user#bob' }],
    [ann, { state: 'stopped', limit: '100' }, { limit: 100, claim: 'user#ann', state: 'stopped' }],
  ])('by %j with %j is understood', (caller, query, expected) =>
    expect(parseHistoryQuery(query, caller)).toEqual(expected),
  );

  it('continues at the end of a page', () => {
    const after = { sessionId: 's-1', createdAt: 5 };
    expect(parseHistoryQuery({ next: positionToken(after) }, ann).after).toEqual(after);
  });

  it.each([
    [ann, { user: 'bob' }, Forbidden],
    [{ name: undefined, isAdmin: false }, {}, Forbidden],
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
