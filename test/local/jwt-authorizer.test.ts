/** The form in which a function gets claims, and issuers that are not as they should be. The forged tokens have a test of their own. */
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type ListeningServer, listen } from '../../emulator/listen.ts';
import { JwtAuthorizers } from '../../local/gateway/jwt-authorizer.ts';
import { serveIssuer } from '../../local/issuer/issuer.ts';
import { asJwk, type Claims, makeTokenKey, signed } from '../support/forged.ts';

const key = makeTokenKey();
const exp = 32_503_680_000; // the year 3000

let server: ListeningServer | undefined;
afterEach(() => server?.close());

/** What the authorizer says about a token with these claims. */
async function check(claims: Claims, scopes: readonly string[] = []) {
  server = await serveIssuer({ port: 0, isPage: () => false, signingKey: asJwk(key) });
  const token = signed({ iss: server.url, aud: 'a', exp, ...claims }, key);
  const authorizer = { kind: 'jwt', issuer: server.url, audiences: ['a'], scopes } as const;
  return new JwtAuthorizers().check([`Bearer ${token}`], authorizer);
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
