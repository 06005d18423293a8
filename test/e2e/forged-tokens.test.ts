/**
 * Tokens that the local run must refuse, against its authorizer and its real functions. Who sends them holds everything but the
 * issuer's private key, and tokens of others that are right elsewhere. A reply with `x-caller-address` comes from a function.
 */
import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionList } from '../../contracts/api.ts';
import { personRoutes, workloadRoutes } from '../../contracts/sign-in.ts';
import type { ListeningServer } from '../../emulator/listen.ts';
import { audience, scope } from '../../local/issuer/configuration.ts';
import { serveIssuer, settingsFor } from '../../local/issuer/issuer.ts';
import { sendTo } from '../support/authorization.ts';
import {
  asJwk,
  type Claims,
  makeTokenKey,
  signed,
  signedOnCurve,
  signedWithSecret,
  unsigned,
} from '../support/forged.ts';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { signInAs } from '../support/sign-in.ts';

const ciAudience = 'bastions-ci';
const isPage = () => true;
const [key, ciKey, foreignKey] = [makeTokenKey(), makeTokenKey(), makeTokenKey()];

let issuer: ListeningServer;
let ciIssuer: ListeningServer;
let local: RecordedRun;

beforeAll(async () => {
  issuer = await serveIssuer({ port: 0, isPage, signingKey: asJwk(key) });
  ciIssuer = await serveIssuer({ port: 0, isPage, signingKey: asJwk(ciKey) });
  local = await startRecordedRun({
    ...settingsFor(issuer.url),
    oidcGroups: 'dev',
    ciIssuer: ciIssuer.url,
    ciAudience,
    ciRepositories: 'example/*',
    rateLimit: '10000',
    burstLimit: '5000',
  });
});

afterAll(async () => {
  await local.stop();
  await Promise.all([issuer.close(), ciIssuer.close()]);
});

const now = () => Math.floor(Date.now() / 1000);

const ann = () => ({
  iss: issuer.url,
  sub: 'ann',
  aud: audience,
  scope: `openid ${scope}`,
  email: 'ann@example.com',
  email_verified: true,
  groups: ['dev'],
  iat: now(),
  exp: now() + 600,
});

const job = () => ({
  iss: ciIssuer.url,
  sub: 'repo:example/shop:environment:production',
  aud: ciAudience,
  repository: 'example/shop',
  environment: 'production',
  iat: now(),
  exp: now() + 600,
});

const right = (claims: Claims, header?: Claims) => signed(claims, key, header);
const byCi = (claims: Claims) => signed(claims, ciKey);
const kid = { kid: key.kid };

/** The public key in forms that a careless verifier takes for the secret of an HMAC. */
const pem = key.publicKey.export({ type: 'spki', format: 'pem' });
const jwk = (one: typeof key) => one.publicKey.export({ format: 'jwk' });

/** The token with other claims under the same signature. */
function repainted(change: Claims): string {
  const [head, , signature] = right(ann()).split('.');
  return [head, Buffer.from(JSON.stringify({ ...ann(), ...change })).toString('base64url'), signature].join('.');
}

const send = (routeKey: string, authorization: readonly string[]) => sendTo(local.api, routeKey, authorization);

const bearer = (token: string): readonly string[] => [`Bearer ${token}`];

const signInAsAnn = () => signInAs('ann', { issuer: issuer.url });

/** Routes whose bodies are JSON whatever the caller accepts, so that their replies can be read in one way. */
const list = personRoutes.list;

describe('the API', () => {
  it.each<[string, () => readonly string[] | Promise<readonly string[]>]>([
    ['of a person', () => bearer(right(ann()))],
    ['of a person, without the word Bearer', () => [right(ann())]],
    ['with a scope in scp, as text', () => bearer(right({ ...ann(), scope: undefined, scp: scope }))],
    ['with a scope in scp, as a list', () => bearer(right({ ...ann(), scope: undefined, scp: ['x', scope] }))],
    ['for several audiences', () => bearer(right({ ...ann(), aud: ['x', audience] }))],
    [
      'with a client_id in place of an audience',
      () => bearer(right({ ...ann(), aud: undefined, client_id: audience })),
    ],
    ['of the issuer', async () => bearer((await signInAsAnn()).access_token)],
  ])('takes a token %s', async (_, headers) => {
    expect(await send(list, await headers())).toMatchObject({ status: 200, isFromFunction: true });
  });

  it('takes a token of a workload', async () => {
    const reply = await send(workloadRoutes.look, bearer(byCi(job())));
    expect(reply).toMatchObject({ status: 404, isFromFunction: true });
  });
});

describe('a forged token', () => {
  it.each<[string, () => readonly string[] | Promise<readonly string[]>]>([
    ['that is missing', () => []],
    ['that is empty', () => ['Bearer ']],
    ['that is no token', () => ['Bearer x.y.z']],
    ['under another scheme', () => [`Basic ${right(ann())}`]],
    ['without a signature (none)', () => bearer(unsigned(ann()))],
    ['without a signature (None), under the id of the key', () => bearer(unsigned(ann(), { alg: 'None', ...kid }))],
    ['whose signature is cut off', () => bearer(right(ann()).replace(/[^.]+$/, ''))],
    ['with other claims under a right signature', () => bearer(repainted({ sub: 'olga', email: 'olga@example.com' }))],
    ['signed with the public key as a secret (PEM)', () => bearer(signedWithSecret(ann(), pem, kid))],
    [
      'signed with the public key as a secret (PEM, trimmed)',
      () => bearer(signedWithSecret(ann(), String(pem).trim(), kid)),
    ],
    [
      'signed with the modulus as a secret',
      () => bearer(signedWithSecret(ann(), Buffer.from(String(jwk(key).n), 'base64url'), kid)),
    ],
    [
      'signed with the public key as a secret, and called RS256',
      () => bearer(signedWithSecret(ann(), pem, { alg: 'RS256', ...kid })),
    ],
    ['signed on an elliptic curve', () => bearer(signedOnCurve(ann(), kid))],
    ['signed with another key, under its own id', () => bearer(signed(ann(), foreignKey))],
    ['signed with another key, under the id of the right one', () => bearer(signed(ann(), foreignKey, kid))],
    ['that brings its own key', () => bearer(signed(ann(), foreignKey, { jwk: jwk(foreignKey) }))],
    ['that says where its key is', () => bearer(signed(ann(), ciKey, { jku: `${ciIssuer.url}/jwks` }))],
    ['without a key id', () => bearer(right(ann(), { kid: undefined }))],
    ['with a demand that nobody knows', () => bearer(right(ann(), { crit: ['exp'], exp: 1 }))],
    ['of another issuer', () => bearer(right({ ...ann(), iss: 'https://login.example.net' }))],
    ['of an issuer that is only called alike', () => bearer(right({ ...ann(), iss: `${issuer.url}/` }))],
    ['without an issuer', () => bearer(right({ ...ann(), iss: undefined }))],
    ['of the issuer of workloads', () => bearer(byCi({ ...ann(), iss: ciIssuer.url }))],
    ['signed by the issuer of workloads', () => bearer(byCi(ann()))],
    ['for another audience', () => bearer(right({ ...ann(), aud: 'urn:another:api' }))],
    ['for another audience, with a right client_id', () => bearer(right({ ...ann(), aud: 'x', client_id: audience }))],
    ['for an audience that only begins alike', () => bearer(right({ ...ann(), aud: `${audience}.evil.test` }))],
    ['without an audience', () => bearer(right({ ...ann(), aud: undefined }))],
    ['that has expired', () => bearer(right({ ...ann(), exp: now() - 1 }))],
    ['that never expires', () => bearer(right({ ...ann(), exp: undefined }))],
    ['that is not valid yet', () => bearer(right({ ...ann(), nbf: now() + 600 }))],
    ['that was issued in the future', () => bearer(right({ ...ann(), iat: now() + 600 }))],
    ['in place of which comes the ID token', async () => bearer((await signInAsAnn()).id_token)],
    ['beside a right one, in a header before it', () => ['Bearer x.y.z', `Bearer ${right(ann())}`]],
    ['beside a right one, in a header behind it', () => [`Bearer ${right(ann())}`, 'Bearer x.y.z']],
    ['beside a right one, behind a comma', () => bearer(`${right(ann())},x`)],
    ['that is twelve kilobytes of nothing', () => [`Bearer ${randomBytes(6000).toString('hex')}`]],
  ])('%s reaches no function of a person', async (_, headers) => {
    const authorization = await headers();
    for (const route of Object.values(personRoutes)) {
      const reply = await send(route, authorization);
      expect({ route, ...reply }).toMatchObject({
        status: 401,
        isFromFunction: false,
        body: { message: 'Unauthorized' },
      });
      expect(reply.challenge).toMatch(/^Bearer/);
    }
  });

  it.each<[string, Claims]>([
    ['without a scope', { scope: undefined }],
    ['with another scope', { scope: 'openid email' }],
    ['with a longer scope', { scope: `${scope}rs` }],
    ['with the scope in another case', { scope: scope.toUpperCase() }],
    ['with the right scope in scp beside another one in scope', { scope: 'openid', scp: [scope] }],
  ])('%s reaches no function of a person', async (_, change) => {
    const authorization = bearer(right({ ...ann(), ...change }));
    for (const route of Object.values(personRoutes)) {
      const reply = await send(route, authorization);
      expect({ route, ...reply }).toMatchObject({ status: 403, isFromFunction: false, body: { message: 'Forbidden' } });
    }
  });

  it.each<[string, Claims, RegExp]>([
    ['with an unverified address', { email_verified: false }, /does not say that ann@example\.com is verified/],
    ['with a word for verified', { email_verified: 'yes' }, /does not say that/],
    ['without an address', { email: undefined }, /no claim email/],
    ['with an address elsewhere', { email: 'ann@evil.test' }, /expected an address in example\.com/],
    ['with an address below the domain', { email: 'ann@x.example.com' }, /expected an address in example\.com/],
    ['with two addresses', { email: ['ann@example.com', 'x'] }, /expected an address in example\.com/],
    ['with an address for eyes', { email: 'ann@exampl\u0435.com' }, /expected an address in example\.com/],
    ['of a stranger to the groups', { groups: ['sales'] }, /is in none of the groups/],
    ['without groups', { groups: undefined }, /is in none of the groups/],
    ['with groups by another name', { roles: ['dev'], groups: { dev: true } }, /is in none of the groups/],
    ['without a subject', { sub: undefined }, /no checked token with a subject/],
  ])('%s is refused with a sentence, and changes nothing', async (_, change, sentence) => {
    const authorization = bearer(right({ ...ann(), ...change }));
    for (const route of Object.values(personRoutes)) {
      const reply = await send(route, authorization);
      expect({ route, ...reply }).toMatchObject({
        status: 403,
        isFromFunction: true,
        body: { ErrorMessage: expect.stringMatching(sentence) },
      });
    }
  });

  it.each<[string, () => readonly string[] | Promise<readonly string[]>, number]>([
    ['that is missing', () => [], 401],
    ['of a person', () => bearer(right(ann())), 401],
    ['of a person, for the audience of workloads', () => bearer(right({ ...ann(), aud: ciAudience })), 401],
    ['signed by the issuer of people', () => bearer(right(job())), 401],
    ['for another audience', () => bearer(byCi({ ...job(), aud: 'sts.amazonaws.com' })), 401],
    ['that has expired', () => bearer(byCi({ ...job(), exp: now() - 1 })), 401],
    ['of a foreign repository', () => bearer(byCi({ ...job(), repository: 'evil/shop' })), 403],
    ['of a repository in a repository', () => bearer(byCi({ ...job(), repository: 'example/a/b' })), 403],
    ['without a repository', () => bearer(byCi({ ...job(), repository: undefined })), 403],
    ['without an environment', () => bearer(byCi({ ...job(), environment: undefined })), 403],
    ['with two environments', () => bearer(byCi({ ...job(), environment: ['a', 'b'] })), 403],
    ['with an address for an environment', () => bearer(byCi({ ...job(), environment: 'ann@example.com' })), 403],
  ])('%s is no workload', async (_, headers, status) => {
    const authorization = await headers();
    for (const route of Object.values(workloadRoutes)) {
      expect({ route, ...(await send(route, authorization)) }).toMatchObject({
        status,
        isFromFunction: status === 403,
      });
    }
  });

  it('of any kind has started nothing', async () => {
    const { sessions } = v.parse(sessionList, await (await fetch(`${local.api}/sessions`)).json());
    expect(sessions).toEqual([]);
  });
});
