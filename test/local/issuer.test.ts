/** The issuer of the local run, by the protocol that the page and the command speak. */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListeningServer } from '../../emulator/listen.ts';
import { audience, clientId, scope } from '../../local/issuer/configuration.ts';
import { serveIssuer } from '../../local/issuer/issuer.ts';
import { Browser, endpointsOf, exchange, signInAs } from '../support/sign-in.ts';

const deviceReply = v.object({ device_code: v.string(), user_code: v.string(), verification_uri_complete: v.string() });
const pageOrigin = 'http://127.0.0.1:6001';

let server: ListeningServer;
let issuer: string;

beforeAll(async () => {
  server = await serveIssuer({ port: 0, isPage: (origin) => origin === pageOrigin });
  issuer = server.url;
});
afterAll(() => server.close());

describe('the issuer of the local run', () => {
  it.each([`${pageOrigin}/web`, 'http://localhost:7001/web', 'http://127.0.0.1:49152/callback'])(
    'signs a person in who comes from %s',
    async (redirectUri) => {
      const { access_token, id_token } = await signInAs('ann', { issuer, redirectUri });
      expect(decodeProtectedHeader(access_token)).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
      expect(decodeJwt(access_token)).toMatchObject({
        iss: issuer,
        sub: 'ann',
        aud: audience,
        scope: expect.stringContaining(scope),
        email: 'ann@example.com',
        email_verified: true,
        groups: ['dev'],
      });
      expect(decodeJwt(id_token)).toMatchObject({ iss: issuer, sub: 'ann', aud: clientId, email: 'ann@example.com' });
    },
  );

  it.each(['http://example.com/web', 'https://127.0.0.1:6001/web', 'http://127.0.0.1:6001/other'])(
    'sends nobody to %s',
    async (redirectUri) => {
      await expect(signInAs('ann', { issuer, redirectUri })).rejects.toThrow(/redirect_uri/);
    },
  );

  it('remembers the person in the same browser', async () => {
    const browser = new Browser();
    await signInAs('olga', { issuer, browser });
    const { access_token } = await signInAs('nobody', { issuer, browser });
    expect(decodeJwt(access_token)).toMatchObject({ sub: 'olga', groups: ['dev', 'ops'] });
  });

  it('refreshes tokens, each refresh token once', async () => {
    const { refresh_token } = await signInAs('ann', { issuer });
    const { token_endpoint } = await endpointsOf(issuer);
    const form = { grant_type: 'refresh_token', refresh_token };
    const refreshed = await exchange(token_endpoint, form);
    expect(decodeJwt(refreshed.access_token)).toMatchObject({ sub: 'ann', aud: audience, email: 'ann@example.com' });
    await expect(exchange(token_endpoint, form)).rejects.toThrow(/invalid_grant/);
  });

  it('signs a device in by the code that it shows', async () => {
    const { device_authorization_endpoint, token_endpoint } = await endpointsOf(issuer);
    const body = new URLSearchParams({ client_id: clientId, scope: `openid email ${scope}` });
    const device = v.parse(
      deviceReply,
      await (await fetch(device_authorization_endpoint, { method: 'POST', body })).json(),
    );
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: device.device_code };
    await expect(exchange(token_endpoint, form)).rejects.toThrow(/authorization_pending/);

    const browser = new Browser();
    const { html, url } = await browser.follow(issuer, device.verification_uri_complete);
    const fieldsOf = (text: string) =>
      Object.fromEntries(
        [...text.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
      );
    expect(fieldsOf(html)).toMatchObject({ xsrf: expect.any(String) });
    const asked = await browser.follow(issuer, url, { ...fieldsOf(html), user_code: device.user_code, confirm: 'yes' });
    const done = await browser.follow(issuer, asked.url, { person: 'ann' });
    expect(done.html).toContain('Go back to the terminal.');
    expect(decodeJwt((await exchange(token_endpoint, form)).access_token)).toMatchObject({ sub: 'ann', aud: audience });
  });

  it('lets the page ask for tokens, and no other page', async () => {
    const { token_endpoint } = await endpointsOf(issuer);
    const ask = (origin: string) =>
      fetch(token_endpoint, {
        method: 'POST',
        headers: { origin },
        body: new URLSearchParams({ client_id: clientId, grant_type: 'refresh_token', refresh_token: 'x' }),
      });
    const allowed = await ask(pageOrigin);
    expect({ status: allowed.status, origin: allowed.headers.get('access-control-allow-origin') }).toEqual({
      status: 400,
      origin: pageOrigin,
    });
    expect((await ask('http://evil.test')).status).toBe(403);
  });

  it('has no page that runs a script or that another page frames', async () => {
    const { authorization_endpoint } = await endpointsOf(issuer);
    const browser = new Browser();
    await signInAs('ann', { issuer, browser });
    const { origin } = new URL(issuer);
    for (const path of [
      authorization_endpoint,
      `${origin}/interaction/x`,
      `${origin}/device`,
      `${origin}/session/end`,
    ]) {
      const response = await browser.open(path);
      expect(response.headers.get('content-security-policy'), path).toContain("default-src 'none'");
      expect(await response.text(), path).not.toContain('<script');
    }
  });
});
