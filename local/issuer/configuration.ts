/** How the issuer of the local run behaves: like the identity provider of a company, as far as the page and the command can tell. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { type Configuration, errors, interactionPolicy, type JWK, type KoaContextWithOIDC } from 'oidc-provider';
import { MemoryAdapter } from './memory.ts';
import { escaped, formPage, page, pageHeaders } from './pages.ts';
import { claimsOf, type Person } from './people.ts';

export const clientId = 'bastion';
/** A resource indicator, and so a URI: https://datatracker.ietf.org/doc/html/rfc8707#section-2 */
export const audience = 'urn:bastion-on-demand:api';
export const scope = 'bastions/use';

export interface IssuerBehaviour {
  readonly people: readonly Person[];
  /** True for the origin of a page that may ask for tokens. */
  readonly isPage: (origin: string) => boolean;
  /** Seconds for which an access token and an ID token are valid. */
  readonly tokenSeconds: number;
  /** A private RSA key with its `kid`. */
  readonly signingKey: JWK;
}

const hour = 3600;

export function configurationOf({ people, isPage, tokenSeconds, signingKey }: IssuerBehaviour): Configuration {
  const items = new Map();
  const find = (id: string) => people.find((person) => person.id === id);
  const policy = interactionPolicy.base();
  // Whoever has chosen a person on this machine has agreed.
  policy.get('consent')?.checks.clear();
  return {
    adapter: (kind: string) => new MemoryAdapter(items, kind),
    clients: [
      {
        client_id: clientId,
        client_name: 'Bastion on Demand',
        // A native client may return to any port of this machine: https://datatracker.ietf.org/doc/html/rfc8252#section-7.3
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
        redirect_uris: hosts.flatMap((host) => [`http://${host}/web`, `http://${host}/callback`]),
        post_logout_redirect_uris: hosts.map((host) => `http://${host}/web`),
      },
    ],
    clientBasedCORS: (_, origin) => isPage(origin),
    jwks: { keys: [signingKey] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => {
      const person = find(id);
      return person && { accountId: id, claims: () => claimsOf(person) };
    },
    extraTokenClaims: (_, token) => {
      const person = 'accountId' in token ? find(token.accountId) : undefined;
      if (person === undefined) return undefined;
      const { sub: __, ...claims } = claimsOf(person);
      return claims;
    },
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    loadExistingGrant: grantEverything,
    interactions: { policy, url: (_, { uid }) => `/interaction/${uid}` },
    ttl: {
      AccessToken: tokenSeconds,
      IdToken: tokenSeconds,
      RefreshToken: 24 * hour,
      DeviceCode: hour / 4,
      Interaction: hour,
      Session: 24 * hour,
      Grant: 24 * hour,
    },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => {
          if (resource !== audience) throw new errors.InvalidTarget();
          return {
            audience,
            scope,
            accessTokenFormat: 'jwt',
            accessTokenTTL: tokenSeconds,
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (ctx, form, _, error) => {
          const words = error === undefined ? '' : '<p>There is no such code.</p>';
          show(ctx, formPage('Enter the code', form, 'form="op.deviceInputForm">Continue', words));
        },
        userCodeConfirmSource: (ctx, form, _, __, code) =>
          show(ctx, formPage('Is this your code?', form, 'form="op.deviceConfirmForm">Yes', `<p>${escaped(code)}</p>`)),
        successSource: (ctx) => show(ctx, page('Signed in', '<p>Go back to the terminal.</p>')),
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) =>
          show(ctx, formPage('Sign out', form, 'form="op.logoutForm" name="logout" value="yes">Sign out')),
        postLogoutSuccessSource: (ctx) => show(ctx, page('Signed out', '')),
      },
    },
    renderError: (ctx, { error, error_description: description = '' }) =>
      show(ctx, page('That did not work', `<p>${escaped(error)}: ${escaped(description)}</p>`)),
  };
}

const hosts = ['127.0.0.1', 'localhost'];

/** A new key for tokens. */
export function newSigningKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: randomBytes(8).toString('hex') };
}

async function grantEverything({ oidc }: KoaContextWithOIDC) {
  const { provider, client, session, result } = oidc;
  const grantId = result?.consent?.grantId ?? (client && session?.grantIdFor(client.clientId));
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  if (known || !client || session?.accountId === undefined) return known;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid offline_access profile email');
  grant.addResourceScope(audience, scope);
  await grant.save();
  return grant;
}

function show(ctx: KoaContextWithOIDC, html: string): void {
  ctx.set(pageHeaders);
  ctx.body = html;
}
