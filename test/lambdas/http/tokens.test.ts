/** Who is let in with a token, and as whom. The tokens' signatures are API Gateway's to check. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { userPattern } from '../../../contracts/api.ts';
import type { SignInRules } from '../../../contracts/stack.ts';
import { Forbidden } from '../../../lambdas/core/session/errors.ts';
import { parseEvent } from '../../../lambdas/http/event.ts';
import type { CallerSettings } from '../../../lambdas/http/people/caller.ts';
import { callerOf } from '../../../lambdas/http/people/callers.ts';
import { admin } from '../../support/people.ts';
import { ann, ciIssuer, deployJob, issuer, personClaims, workloadClaims } from '../../support/tokens.ts';

type Claims = Readonly<Record<string, unknown>>;

const rules: SignInRules = {
  userClaim: 'email',
  domains: ['example.com', 'Example.org'],
  admins: ['root@example.com', 'group:ops'],
  groups: [],
  groupsClaim: 'groups',
  roles: ['AWSReservedSSO_*'],
};
const settings: CallerSettings = { admins: [admin], signIn: rules, ciRepositories: ['example/*', 'a/b/*-infra'] };

const eventWith = (routeKey: string, authorizer: object) =>
  parseEvent({
    routeKey,
    headers: {},
    isBase64Encoded: false,
    requestContext: { requestId: 'r-1', timeEpoch: 0, http: { method: 'POST', sourceIp: '198.51.100.4' }, authorizer },
  });
const person = (claims: Claims, change: Partial<SignInRules> = {}) =>
  callerOf(eventWith('POST /me', { jwt: { claims } }), { ...settings, signIn: { ...rules, ...change } });
const workload = (claims: Claims) => callerOf(eventWith('POST /ci', { jwt: { claims } }), settings);

describe('an AWS identity under a name that a token may bear', () => {
  const account = '123456789012';
  const session = (role: string, name: string) => `arn:aws:sts::${account}:assumed-role/${role}/${name}`;
  const caller = (userArn: string, change: Partial<CallerSettings> = {}) =>
    callerOf(eventWith('POST /', { iam: { userArn } }), { ...settings, ...change });

  it.each(['ann@example.com', 'Ann@EXAMPLE.org'])('is refused as the session %s of a role', (name) => {
    expect(() => caller(session('dev', name))).toThrow(
      new Forbidden(
        `${name} is the name of a person who signs in, and whoever assumes the role dev may choose the name of the session. ` +
          'Sign in, assume the role under a name without a domain, or ask the operator to name the role in oidcRoles.',
      ),
    );
  });

  it.each(['example=web=prod', 'EXAMPLE=Web=prod', 'a=b=x-infra=prod'])(
    'is refused as the session %s of a role',
    (name) => {
      expect(() => caller(session('dev', name))).toThrow(/is the name of a CI workload/);
    },
  );

  it('is let in as a session of IAM Identity Center, of a role in oidcRoles, and as an IAM user', () => {
    const name = 'ann@example.com';
    expect(caller(session('AWSReservedSSO_Dev_0123456789abcdef', name)).name).toBe(name);
    expect(caller(session('okta-dev', name), { signIn: { ...rules, roles: ['okta-*'] } }).name).toBe(name);
    expect(caller(`arn:aws:iam::${account}:user/${name}`).name).toBe(name);
  });

  it.each([
    ['ann@example.net', {}],
    ['ann@example.com', { signIn: undefined }],
    ['example=web=prod', { ciRepositories: undefined }],
    ['other=web=prod', {}],
    ['ann=contractor', {}],
    ['ann', {}],
  ])('does not concern the session %s, with %j', (name, change) => {
    expect(caller(session('dev', name), change).name).toBe(name);
  });
});

describe('a person with a token', () => {
  it('has the name of the e-mail address, and the issuer with the subject as identity', () => {
    expect(person(ann)).toEqual({ id: `${issuer}#id-of-ann@example.com`, name: 'ann@example.com', isAdmin: false });
  });

  it.each(['ann@example.com', 'Ann+x@EXAMPLE.COM', 'ann@example.org'])('may be called %s', (email) => {
    expect(person(personClaims(email)).name).toBe(email);
  });

  it.each([
    'ann@example.net',
    'ann@sub.example.com',
    'ann@evil-example.com',
    'ann@example.com@evil.test',
    'ann@evil.test@example.com',
    '@example.com',
    'ann@example.com\n',
    'ann@exampl\u212a.com',
    'ann smith@example.com',
    '[ann@example.com]',
    'ann',
    `${'x'.repeat(60)}@example.com`,
  ])('may not be called %j', (email) => {
    expect(() => person({ ...ann, email })).toThrow(/^The claim email: got ".*", expected an address in example\.com/);
  });

  it('has no name whose domain has letters that only look like those of the setting', () => {
    const change = { domains: ['kexample.com'] };
    expect(() => person({ ...ann, email: 'ann@\u212aexample.com' }, change)).toThrow(
      /got "ann@\\u\{212a\}example\.com"/,
    );
  });

  it.each([undefined, 'false', 'True', '1', '[true]', true])('is refused with email_verified %j', (value) => {
    expect(() => person({ ...ann, email_verified: value })).toThrow(/does not say that ann@example\.com is verified/);
  });

  it('needs no email_verified for another claim', () => {
    const { email: _, email_verified: __, ...claims } = ann;
    const change = { userClaim: 'preferred_username' };
    expect(person({ ...claims, preferred_username: 'ann@example.com' }, change).name).toBe('ann@example.com');
    expect(() => person(ann, change)).toThrow(/The token has no claim preferred_username/);
  });

  it.each([
    [{ groups: '[ops]' }, true],
    [{ groups: '[dev ops]' }, true],
    [{ groups: 'ops' }, true],
    [{ groups: '[dev opsx]' }, false],
    [{ groups: '[]' }, false],
    [{ groups: '' }, false],
    [{ groups: 'dev ops' }, false],
    [{ groups: 'group:ops' }, false],
    [{ email: 'ROOT@example.com' }, true],
    [{ email: 'root@example.org' }, false],
    [{ roles: '[ops]' }, false],
  ])('with %j is an admin: %s', (claims, isAdmin) => {
    expect(person({ ...ann, ...claims }).isAdmin).toBe(isAdmin);
  });

  it('is refused outside of the groups, an admin too', () => {
    const change = { groups: ['dev', 'db'] };
    expect(person({ ...ann, groups: '[x dev]' }, change).name).toBe('ann@example.com');
    expect(() => person({ ...ann, groups: '[ops devx]' }, change)).toThrow(/ann@example\.com is in none of the groups/);
    expect(() => person(ann, change)).toThrow(/is in none of the groups/);
  });

  it.each(['iss', 'sub'])('is refused without %s', (claim) => {
    expect(() => person({ ...ann, [claim]: undefined })).toThrow(/no checked token with a subject/);
  });

  it.each(['', 'x'.repeat(256), 'a\nb', 'ünal'])('is refused with the subject %j', (sub) => {
    expect(() => person({ ...ann, sub })).toThrow(/no checked token with a subject/);
  });

  it('has no claim that the token does not have of its own', () => {
    expect(() => person(ann, { userClaim: 'constructor' })).toThrow(/The token has no claim constructor/);
  });

  it('with any claims has a name that a user may have, or is refused with a sentence', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom('ann@example.com', '[ops]', 'true'),
    );
    const claims = fc.record({ iss: text, sub: text, email: text, email_verified: text, groups: text });
    fc.assert(
      fc.property(claims, (values) => {
        try {
          expect(person(values).name).toMatch(userPattern);
        } catch (error) {
          expect(error).toBeInstanceOf(Forbidden);
        }
      }),
    );
  });
});

describe('a workload with a token', () => {
  it('is called by owner, repository and environment', () => {
    const id = `${ciIssuer}#repo:example/shop:environment:production`;
    expect(workload(deployJob)).toEqual({ id, name: 'example=shop=production', isAdmin: false });
  });

  it('of GitLab is called by the path of its project', () => {
    const claims = { iss: 'https://gitlab.com', sub: 'project_path:a/b/x-infra', project_path: 'a/b/x-infra' };
    expect(workload({ ...claims, environment: 'prod' }).name).toBe('a=b=x-infra=prod');
  });

  it.each(['other/shop', 'example/shop/x', 'example', 'Example/shop', 'a/b/x', 'x/example/shop', ''])(
    'of %j is refused as one of another repository',
    (repository) => {
      expect(() => workload(workloadClaims(repository, 'production'))).toThrow(
        repository === '' ? /neither a claim repository/ : /is none of those that may use this deployment/,
      );
    },
  );

  it.each(['a b', 'a/b', 'a=b', 'ann@example.com', 'ümlaut', '[a b]', 'x'.repeat(64)])(
    'of the environment %j is refused with a sentence',
    (environment) => {
      expect(() => workload({ ...deployJob, environment })).toThrow(
        /^The user name of this workload: got "example=shop=.*", expected at most 64 characters/,
      );
    },
  );

  it('without an environment is refused', () => {
    const { environment: _, ...claims } = deployJob;
    expect(() => workload(claims)).toThrow(/The token names no environment/);
  });

  it('is no admin, whatever its claims', () => {
    const claims = { ...deployJob, ...personClaims('root@example.com'), groups: '[ops]' };
    expect(workload(claims)).toMatchObject({ name: 'example=shop=production', isAdmin: false });
  });
});

describe('a route', () => {
  const iam = { userArn: admin };

  it.each(['POST /me', 'GET /me', 'GET /me/known_hosts', 'DELETE /me', 'GET /me/sessions', 'POST /ci', 'GET /ci'])(
    '%s believes no identity but that of a token',
    (routeKey) => {
      expect(() => callerOf(eventWith(routeKey, { iam }), settings)).toThrow(/no checked token/);
      expect(() => callerOf(eventWith(routeKey, { iam, jwt: { claims: ann } }), settings)).toThrow(/no checked token/);
      expect(() => callerOf(eventWith(routeKey, {}), settings)).toThrow(/no checked token/);
    },
  );

  it.each(['POST /', 'GET /', 'GET /known_hosts', 'DELETE /', 'GET /sessions', 'GET /me/other', 'POST /me/sessions'])(
    '%s believes no identity but that of IAM',
    (routeKey) => {
      expect(() => callerOf(eventWith(routeKey, { jwt: { claims: ann } }), settings)).toThrow(/is not signed/);
      expect(() => callerOf(eventWith(routeKey, { iam, jwt: { claims: ann } }), settings)).toThrow(/is not signed/);
    },
  );

  it('for people takes no workload, and the one for workloads no person', () => {
    expect(() => person(deployJob)).toThrow(/The token has no claim email/);
    expect(() => workload(ann)).toThrow(/neither a claim repository nor a claim project_path/);
  });

  it('without its settings lets nobody in', () => {
    const onlyIam = { admins: [admin] };
    expect(() => callerOf(eventWith('POST /me', { jwt: { claims: ann } }), onlyIam)).toThrow(/takes no tokens here/);
    expect(() => callerOf(eventWith('POST /ci', { jwt: { claims: deployJob } }), onlyIam)).toThrow(/takes no tokens/);
  });
});
