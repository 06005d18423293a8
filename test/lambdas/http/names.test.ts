import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tags } from '../../../contracts/account.ts';
import { Forbidden, InvalidRequest } from '../../../lambdas/core/session/errors.ts';
import { parseEvent } from '../../../lambdas/http/event.ts';
import { userFor } from '../../../lambdas/http/people/caller.ts';
import { callerOf } from '../../../lambdas/http/people/callers.ts';
import { deploy } from '../../support/deploy.ts';
import { accountId, asJson, publicKey } from '../../support/people.ts';

const iam = (resource: string) => `arn:aws:iam::${accountId}:${resource}`;
const sts = (resource: string) => `arn:aws:sts::${accountId}:${resource}`;

const signedBy = (userArn?: string) =>
  parseEvent({
    routeKey: 'POST /',
    headers: {},
    isBase64Encoded: false,
    requestContext: {
      requestId: 'r-1',
      timeEpoch: 0,
      http: { method: 'POST', sourceIp: '198.51.100.4' },
      ...(userArn !== undefined && { authorizer: { iam: { userArn } } }),
    },
  });

const person = (name: string, isAdmin = false) => ({ id: sts(`assumed-role/dev/${name}`), name, isAdmin });

const iamCharacters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-';
const iamName = fc.string({ unit: fc.constantFrom(...iamCharacters), minLength: 1, maxLength: 64 });

describe('a caller', () => {
  it.each([
    [iam('user/ann'), 'ann'],
    [iam('user/team/a/ann'), 'ann'],
    [sts('assumed-role/dev/ann@example.com'), 'ann@example.com'],
    [sts('assumed-role/dev/ann=contractor'), 'ann=contractor'],
    [`arn:aws-cn:iam::${accountId}:user/doe,john`, 'doe,john'],
  ])('with the ARN %s is named %s', (arn, name) => {
    expect(callerOf(signedBy(arn), { admins: [] }).name).toBe(name);
  });

  it.each([
    iam('root'),
    sts('federated-user/ann'),
    iam('role/dev'),
    iam('user/'),
    sts('assumed-role/ann'),
    sts('assumed-role/dev/team/ann'),
    'ann',
  ])('with the ARN %s is refused as no person', (arn) => {
    expect(() => callerOf(signedBy(arn), { admins: ['*', arn] })).toThrow(/is no person/);
  });

  it('is refused without a checked identity, also if every caller is an admin', () => {
    expect(() => callerOf(signedBy(), { admins: ['*'] })).toThrow(Forbidden);
  });

  it('is an admin where a pattern matches, in which * stops at a slash', () => {
    const isAdmin = (pattern: string, arn: string) => callerOf(signedBy(arn), { admins: [pattern] }).isAdmin;
    expect(isAdmin(sts('assumed-role/ops/*'), sts('assumed-role/ops/ann'))).toBe(true);
    expect(isAdmin(sts('assumed-role/ops/*'), sts('assumed-role/opsx/ann'))).toBe(false);
    expect(isAdmin('arn:aws:sts::*:assumed-role/ops/*', sts('assumed-role/ops/ann'))).toBe(true);
    expect(isAdmin(iam('user/an.'), iam('user/ann'))).toBe(false);
    expect(isAdmin(iam('user/ann'), iam('user/ann2'))).toBe(false);
    expect(isAdmin(sts('assumed-role/*Admin*'), sts('assumed-role/Dev/xAdminx'))).toBe(false);
    expect(isAdmin(sts('assumed-role/*/ann'), sts('assumed-role/Dev/ann'))).toBe(true);
    expect(isAdmin(iam('user/*'), iam('user/team/ann'))).toBe(false);
  });

  it.each([
    'botocore-session-1700000000',
    'aws-sdk-js-session-1700000000000',
    'aws-go-sdk-1700000000000000000',
    'AWSCLI-Session-1700000000',
    'aws-dotnet-sdk-session-638361234567890123',
    'assume-role-provider-1700000000000', // Rust
    'web-identity-token-1700000000000',
    '1700000000000000000', // the first SDK for Go
  ])('with the generated session name %s is told how to set one', (name) => {
    const caller = callerOf(signedBy(sts(`assumed-role/dev/${name}`)), { admins: [] });
    expect(() => userFor(caller, undefined)).toThrow(Forbidden);
    expect(() => userFor(caller, name)).toThrow(/role_session_name in ~\/.aws\/config/);
  });

  it.each([
    iam('user/aws-build-1700000000'),
    sts('assumed-role/dev/ann-1700000000'),
    sts('assumed-role/dev/4712345678'), // the number of an employee, or of a telephone
  ])('with the ARN %s has a name that lasts', (arn) => {
    const caller = callerOf(signedBy(arn), { admins: [] });
    expect(userFor(caller, undefined)).toBe(caller.name);
  });

  it('with a generated session name may act for others as an admin', () => {
    expect(userFor(person('botocore-session-1700000000', true), 'ann')).toBe('ann');
  });
});

describe('a request for a user', () => {
  const ann = person('ann');
  const admin = person('root', true);

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

  it('by a person for another one is refused', () => {
    expect(() => userFor(ann, 'bob')).toThrow(Forbidden);
  });
});

describe('a user name', () => {
  it('may be every name that IAM allows', () => {
    fc.assert(
      fc.property(iamName, (name) => {
        const caller = callerOf(signedBy(sts(`assumed-role/dev/${name}`)), { admins: [] });
        expect(userFor(caller, name)).toBe(name);
      }),
    );
  });

  it.each(['', 'a b', 'a/b', 'ann\n', 'ünal', 'a\u200bb', 'x'.repeat(65)])('%j is refused', (name) => {
    expect(() => userFor(person('admin', true), name)).toThrow(InvalidRequest);
  });

  it('shows its invisible characters when it is refused', () => {
    expect(() => userFor(person('admin', true), 'a\u200bb')).toThrow(/got "a\\u\{200b\}b"/);
  });

  it.each(['ann=contractor', 'doe,john', 'a+b', '_-.@x'])(
    '%s works in start, look, list, stop and tags',
    async (name) => {
      const bastions = await deploy();
      const by = sts(`assumed-role/dev/${name}`);
      const { status, json } = await bastions.call('POST /', { by, body: publicKey(1), accept: asJson });
      expect({ status, user: json.user }).toEqual({ status: 200, user: name });
      expect((await bastions.call('GET /', { by, query: { user: name } })).body).toBe(`${json.host}\n`);
      expect((await bastions.call('GET /sessions', { by })).json.sessions).toMatchObject([{ user: name }]);
      const owners = bastions.aws.ec2.groups.all().flatMap((group) => group.tags.get(tags.owner) ?? []);
      expect(owners).toEqual([name.replaceAll(',', '/')]);
      expect((await bastions.call('DELETE /', { by })).status).toBe(200);
      await bastions.clock.advance(60_000);
      expect(await bastions.leftovers()).toEqual([]);
    },
  );
});
