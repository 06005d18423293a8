import { describe, expect, it } from 'vitest';
import { IssuerUnusable } from '../../lambdas/core/session/errors.ts';
import { signInAt } from '../../lambdas/http/web/issuer.ts';

const issuer = 'https://id.example.com';
const document = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  end_session_endpoint: `${issuer}/logout`,
  id_token_signing_alg_values_supported: ['ES256', 'RS256'],
};

interface Given {
  /** The issuer's answers, one after the other. The last one repeats. */
  readonly answers?: readonly (() => Response)[];
  readonly scopes?: readonly string[];
  readonly audience?: string;
  readonly redirectUri?: string;
}

const answer =
  (body: unknown, status = 200) =>
  () =>
    new Response(JSON.stringify(body), { status });

function given({ answers = [answer(document)], scopes = [], audience, redirectUri }: Given = {}) {
  const clock = { now: 0 };
  const urls: string[] = [];
  const fetch = (url: string) => {
    const next = answers[Math.min(urls.length, answers.length - 1)];
    urls.push(url);
    return next === undefined ? Promise.reject(new Error('no answer')) : Promise.resolve().then(next);
  };
  const ports = { clock: { now: () => clock.now, sleep: () => Promise.resolve() }, fetch };
  return { ask: signInAt({ issuer, clientId: 'bastion', audience, scopes, redirectUri }, ports), clock, urls };
}

describe('the issuer', () => {
  it('tells where people sign in', async () => {
    expect(await given().ask()).toEqual({
      signIn: 'oidc',
      issuer,
      clientId: 'bastion',
      scopes: ['openid', 'email', 'profile'],
      token: 'id',
      endpoints: {
        authorization: `${issuer}/authorize`,
        token: `${issuer}/token`,
        endSession: `${issuer}/logout`,
      },
    });
  });

  it('gives access tokens where the routes require a scope', async () => {
    const { ask } = given({ scopes: ['bastions/use'], audience: 'https://bastions.example.com' });
    expect(await ask()).toMatchObject({
      token: 'access',
      scopes: ['openid', 'email', 'profile', 'bastions/use'],
      audience: 'https://bastions.example.com',
    });
  });

  it('sends the browser where the client is registered', async () => {
    const redirectUri = 'http://localhost:8400/callback';
    expect(await given({ redirectUri }).ask()).toMatchObject({ redirectUri });
  });

  it('is asked once an hour', async () => {
    const { ask, clock, urls } = given();
    await Promise.all([ask(), ask()]);
    clock.now = 3_599_999;
    await ask();
    expect(urls).toEqual([`${issuer}/.well-known/openid-configuration`]);
    clock.now = 3_600_000;
    await ask();
    expect(urls).toHaveLength(2);
  });

  it('is asked again ten seconds after a failure', async () => {
    const { ask, clock, urls } = given({ answers: [answer({}, 500), answer(document)] });
    await expect(ask()).rejects.toThrow(IssuerUnusable);
    await expect(ask()).rejects.toThrow('answered with 500, expected 200');
    expect(urls).toHaveLength(1);
    clock.now = 10_000;
    expect(await ask()).toMatchObject({ signIn: 'oidc' });
  });

  it.each<[string, unknown, RegExp]>([
    [
      'another name',
      { ...document, issuer: 'https://evil.example.com' },
      /is for https:\/\/evil\.example\.com\. Set oidcIssuer/,
    ],
    [
      'no RSA',
      { ...document, id_token_signing_alg_values_supported: ['ES256', 'EdDSA'] },
      /signs with ES256, EdDSA\. API Gateway checks/,
    ],
    [
      'an endpoint without TLS',
      { ...document, token_endpoint: 'http://id.example.com/token' },
      /token_endpoint: expected an https URL/,
    ],
    ['no token endpoint', { ...document, token_endpoint: undefined }, /token_endpoint: /],
    ['a list', [], /is wrong/],
    ['too much', { ...document, padding: 'x'.repeat(300_000) }, /longer than 262144 bytes/],
  ])('with %s is refused with a sentence', async (_, body, sentence) => {
    await expect(given({ answers: [answer(body)] }).ask()).rejects.toThrow(sentence);
  });

  it('that does not answer is named', async () => {
    const { ask } = given({
      answers: [
        () => {
          throw new TypeError('fetch failed');
        },
      ],
    });
    await expect(ask()).rejects.toThrow(`The identity provider does not answer at ${issuer}/.well-known/`);
  });
});
