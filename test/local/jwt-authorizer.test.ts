/** The form in which a function gets claims, and issuers that are not as they should be. The forged tokens have a test of their own. */
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type ListeningServer, listen } from '../../emulator/listen.ts';
import { JwtAuthorizers } from '../../local/gateway/jwt-authorizer.ts';
import { serveIssuer } from '../../local/issuer/issuer.ts';
import { asJwk, type Claims, makeTokenKey, signed, signedText } from '../support/forged.ts';

const key = makeTokenKey();
const exp = 32_503_680_000; // the year 3000

let server: ListeningServer | undefined;
afterEach(() => server?.close());

/** What the authorizer says about a token with these claims. */
async function check(claims: Claims, scopes: readonly string[] = [], header: Claims = {}) {
  return checkToken((iss) => signed({ iss, aud: 'a', exp, ...claims }, key, header), scopes);
}

/** The same about a token with these characters in place of claims. */
const checkText = (text: (issuer: string) => string) => checkToken((issuer) => signedText(text(issuer), key));

async function checkToken(make: (issuer: string) => string, scopes: readonly string[] = []) {
  server = await serveIssuer({ port: 0, isPage: () => false, signingKey: asJwk(key) });
  const authorizer = { kind: 'jwt', issuer: server.url, audiences: ['a'], scopes } as const;
  return new JwtAuthorizers().check([`Bearer ${make(server.url)}`], authorizer);
}

describe('a claim', () => {
  it.each<[unknown, string | undefined]>([
    ['text', 'text'],
    [true, 'true'],
    [false, 'false'],
    [1_700_000_000, '1700000000'],
    [['a', 'b'], '[a b]'],
    [['a b', 'c'], '[a b c]'],
    [[], '[]'],
    [[1, true], '[1 true]'],
    [{ a: [1] }, '{"a":[1]}'],
    [null, undefined],
    ['', ''],
  ])('%j reaches the function as %j', async (claim, expected) => {
    const verdict = await check({ claim });
    expect('identity' in verdict && verdict.identity.claims.claim).toBe(expected);
  });
});

/** Beside the forged tokens of `test/e2e`: forms that the standards leave to the reader of a token. */
describe('a token', () => {
  const right = { aud: 'a', exp };
  const kid = key.kid;
  it.each<[string, Claims, Claims]>([
    ['whose key id is a path', right, { kid: `../../${kid}` }],
    ['whose key id is a list', right, { kid: [kid] }],
    ['whose key id is in another case', right, { kid: kid.toUpperCase() }],
    ['whose header names a certificate', right, { kid: 'x', x5u: 'http://127.0.0.1:1/', x5c: ['AAAA'] }],
    ['that is not encoded', right, { crit: ['b64'], b64: false }],
    ['for the right audience in another case', { ...right, aud: 'A' }, {}],
    ['for no audience', { ...right, aud: [] }, {}],
    ['for the right audience in a list in a list', { ...right, aud: [['a']] }, {}],
    ['for another audience, whose authorized party is right', { ...right, aud: 'b', azp: 'a' }, {}],
    ['whose end is text', { ...right, exp: `${exp}` }, {}],
    ['whose begin is text', { ...right, nbf: '0' }, {}],
    ['that is a second old', { ...right, exp: Math.floor(Date.now() / 1000) - 1 }, {}],
    ['whose issuer is a list', { ...right, iss: [] }, {}],
  ])('%s is refused', async (_, claims, header) => {
    expect(await check(claims, [], header)).toMatchObject({ status: 401 });
  });

  it('that names its audience twice is for the last one, as JSON has it', async () => {
    expect(await checkText((iss) => `{"iss":"${iss}","exp":${exp},"aud":"a","aud":"b"}`)).toMatchObject({
      status: 401,
    });
  });

  it.each(['[]', 'null', '"text"', '{', ''])('whose claims are %j is refused', async (text) => {
    expect(await checkText(() => text)).toMatchObject({ status: 401 });
  });

  it('in a token is refused', async () => {
    expect(await checkText((iss) => signed({ ...right, iss }, key))).toMatchObject({ status: 401 });
  });
});

describe('the scopes', () => {
  it('reach the function where the route requires one', async () => {
    expect(await check({ scope: 'x use' }, ['use'])).toMatchObject({ identity: { scopes: ['x', 'use'] } });
    await server?.close();
    expect(await check({ scope: 'x use' })).toMatchObject({ identity: { scopes: null } });
  });
});

describe('an issuer', () => {
  /** A server that answers every request with this document. */
  async function issuerWith(document: (url: string) => object) {
    const http = createServer((_, response) => response.end(JSON.stringify(document(server?.url ?? ''))));
    server = await listen(http, { port: 0, title: 'the issuer' });
    return server.url;
  }

  const checkAt = (issuer: string) =>
    new JwtAuthorizers().check([signed({ iss: issuer, aud: 'a', exp }, key)], {
      kind: 'jwt',
      issuer,
      audiences: ['a'],
      scopes: [],
    });

  it('that calls itself otherwise is not asked for keys', async () => {
    const issuer = await issuerWith((url) => ({ issuer: `${url}/`, jwks_uri: `${url}/jwks` }));
    await expect(checkAt(issuer)).rejects.toThrow(/calls itself http:.*, expected the same, to the letter/);
  });

  it('without a discovery document lets nobody in', async () => {
    await expect(checkAt(await issuerWith(() => ({})))).rejects.toThrow();
  });

  it('that was out of reach is asked again', async () => {
    let isUp = false;
    const issuer = await issuerWith((url) => {
      const { n, e } = asJwk(key);
      const keys = [{ kty: 'RSA', n, e, kid: key.kid, alg: 'RS256', use: 'sig' }];
      return isUp ? { issuer: url, jwks_uri: `${url}/jwks`, keys } : {};
    });
    const authorizers = new JwtAuthorizers();
    const authorizer = { kind: 'jwt', issuer, audiences: ['a'], scopes: [] } as const;
    const token = signed({ iss: issuer, aud: 'a', exp }, key);
    await expect(authorizers.check([token], authorizer)).rejects.toThrow();
    isUp = true;
    expect(await authorizers.check([token], authorizer)).toMatchObject({ identity: { claims: { aud: 'a' } } });
  });
});
