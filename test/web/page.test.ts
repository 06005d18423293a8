import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { IssuerUnusable } from '../../lambdas/core/session/errors.ts';
import type { Log } from '../../lambdas/core/session/ports.ts';
import { type SignIn, webHandler } from '../../lambdas/http/web/page.ts';

const limits = { defaultTtlSeconds: 3600, maxTtlSeconds: 28_800, maxLifetimeSeconds: 86_400, maxSessions: 20 };
const parts = { script: 'let page', style: 'p{}' };
const log: Log = { info: () => {}, error: () => {} };

const noIssuer: SignIn = () => Promise.resolve({ signIn: 'none' });
const deadIssuer: SignIn = () => Promise.reject(new IssuerUnusable('The identity provider does not answer.'));
const issuer: SignIn = () =>
  Promise.resolve({
    signIn: 'oidc',
    issuer: 'https://id.example.com',
    clientId: 'bastion',
    scopes: ['openid'],
    token: 'id',
    endpoints: { authorization: 'https://login.example.com/a', token: 'https://token.example.com/t' },
  });

const get = (
  signIn: SignIn,
  path: string,
  query = '',
  headers: Readonly<Record<string, string>> = {},
  ciAudience?: string,
) =>
  webHandler(
    { log, signIn },
    { parts, limits, ciAudience },
  )({
    version: '2.0',
    routeKey: `GET ${path}`,
    headers,
    rawQueryString: query,
    queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
    isBase64Encoded: false,
    requestContext: { requestId: 'r-1', timeEpoch: 0, http: { method: 'GET', sourceIp: '198.51.100.4' } },
  });

describe('GET /web', () => {
  it('sends the page, whatever its query is, because the issuer returns with one', async () => {
    const [plain, returned] = [await get(noIssuer, '/web'), await get(noIssuer, '/web', 'code=1&state=2&x=3')];
    expect(returned).toEqual(plain);
    expect(plain).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      },
    });
    expect(plain.headers).not.toHaveProperty('set-cookie');
  });

  it('sends it compressed to a browser that takes that', async () => {
    const plain = await get(noIssuer, '/web');
    const packed = await get(noIssuer, '/web', '', { 'accept-encoding': 'gzip, deflate, br' });
    expect(packed).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': 'gzip' } });
    expect(gunzipSync(Buffer.from(packed.body, 'base64')).toString()).toBe(plain.body);
  });

  it('lets the page call the token endpoint of the issuer', async () => {
    const { headers } = await get(issuer, '/web');
    expect(headers['content-security-policy']).toContain("connect-src 'self' https://token.example.com;");
  });

  it('sends the page also while the issuer does not answer, and lets it call nobody else', async () => {
    const { statusCode, headers } = await get(deadIssuer, '/web');
    expect(statusCode).toBe(200);
    expect(headers['content-security-policy']).toContain("connect-src 'self';");
  });
});

describe('GET /web/config', () => {
  it('tells how people sign in, and the limits', async () => {
    const { statusCode, body, headers } = await get(issuer, '/web/config');
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toEqual({ ...(await issuer()), limits });
    expect(headers['cache-control']).toBe('no-store');
  });

  it.each([noIssuer, issuer])('%# tells jobs the audience of their tokens', async (signIn) => {
    const { body } = await get(signIn, '/web/config', '', {}, 'bastions-ci');
    expect(JSON.parse(body)).toEqual({ ...(await signIn()), ci: { audience: 'bastions-ci' }, limits });
  });

  it('has no parameter', async () => {
    expect(await get(noIssuer, '/web/config', 'x=1')).toMatchObject({ statusCode: 400 });
  });

  it('answers with a sentence while the issuer does not answer', async () => {
    const { statusCode, body } = await get(deadIssuer, '/web/config');
    expect({ statusCode, body: JSON.parse(body) }).toEqual({
      statusCode: 503,
      body: { ErrorMessage: 'The identity provider does not answer.' },
    });
  });
});
