/** Signs in at the issuer of the local run as a browser does, without one. */
import { createHash, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { clientId, scope } from '../../local/issuer/configuration.ts';

const discovery = v.object({
  authorization_endpoint: v.string(),
  token_endpoint: v.string(),
  device_authorization_endpoint: v.string(),
});

const tokens = v.object({
  access_token: v.string(),
  id_token: v.string(),
  refresh_token: v.string(),
  expires_in: v.number(),
});

export type Tokens = v.InferOutput<typeof tokens>;

export const endpointsOf = async (issuer: string) =>
  v.parse(discovery, await (await fetch(`${issuer}/.well-known/openid-configuration`)).json());

/** A browser with the cookies of one host. It follows no redirect by itself. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  async open(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  /** Follows redirects within `issuer` until a page, or a place elsewhere. */
  async follow(issuer: string, url: string, form?: Readonly<Record<string, string>>): Promise<Place> {
    const response = await this.open(url, form);
    const location = response.headers.get('location');
    if (location === null) return { url, html: await response.text() };
    const next = new URL(location, url).href;
    return next.startsWith(issuer) ? this.follow(issuer, next) : { url: next, html: '' };
  }
}

interface Place {
  readonly url: string;
  readonly html: string;
}

/** @param redirectUri where the page or the command waits */
export async function signInAs(
  person: string,
  {
    issuer,
    redirectUri = 'http://127.0.0.1:6001/web',
    scopes = `openid profile email ${scope}`,
    browser = new Browser(),
  }: Visit,
): Promise<Tokens> {
  const { authorization_endpoint, token_endpoint } = await endpointsOf(issuer);
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: scopes,
    state: 'state',
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  });
  let place = await browser.follow(issuer, `${authorization_endpoint}?${query}`);
  if (place.url.startsWith(issuer)) place = await browser.follow(issuer, place.url, { person });
  const code = new URL(place.url).searchParams.get('code');
  if (code === null) throw new Error(`The issuer sent the browser to ${place.url}, expected a code.\n${place.html}`);
  return exchange(token_endpoint, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
}

interface Visit {
  readonly issuer: string;
  readonly redirectUri?: string;
  readonly scopes?: string;
  readonly browser?: Browser;
}

/** Asks the token endpoint, as a public client does. */
export async function exchange(endpoint: string, form: Readonly<Record<string, string>>): Promise<Tokens> {
  const response = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({ client_id: clientId, ...form }),
  });
  const reply: unknown = await response.json();
  if (!response.ok) throw new Error(`The token endpoint answered ${response.status}: ${JSON.stringify(reply)}`);
  return v.parse(tokens, reply);
}
