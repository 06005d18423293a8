/**
 * The identity provider, by OAuth 2.0 and OpenID Connect. The library builds on fetch, which takes Node long to load, so commands
 * import this file only to sign in or to renew a sign-in.
 */
import * as oauth from 'oauth4webapi';
import { resourceParameter } from '../../contracts/sign-in.ts';
import { Unreachable } from '../api/refusals.ts';
import { sentenceOf } from '../terminal/errors.ts';
import type { Grant } from './grant.ts';
import type { OidcConfig } from './kept.ts';
import { GrantOver, inWords, refused } from './problems.ts';

/** A sign-in that has begun in the browser. */
export interface SignInRequest {
  readonly url: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** API Gateway takes tokens signed with RSA alone. */
const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

const timeoutMs = 15_000;

/** The last one of the year 9999, up to which a time has its usual form. */
const latestSecond = 253_402_300_799;

/** A client with the seconds by which the issuer's clock is ahead of this machine's. */
type ClientAtIssuer = oauth.Client & { readonly [oauth.clockSkew]: number };

export class Issuer {
  readonly #config: OidcConfig;
  readonly #server: oauth.AuthorizationServer;
  readonly #client: oauth.Client;

  private constructor(config: OidcConfig, server: oauth.AuthorizationServer) {
    this.#config = config;
    this.#server = { ...server, id_token_signing_alg_values_supported: rsa };
    this.#client = { client_id: config.clientId, [oauth.clockTolerance]: 60 };
  }

  /** The issuer by its own discovery document, which must bear its name. */
  static discover(config: OidcConfig): Promise<Issuer> {
    return inWords(config.issuer, async () => {
      const name = new URL(config.issuer);
      const response = await oauth.discoveryRequest(name, optionsFor(config));
      return new Issuer(config, await oauth.processDiscoveryResponse(name, response));
    });
  }

  /** The issuer of tokens that the person has. */
  static of(config: OidcConfig, { issuer, endpoints: { token, revocation } }: Grant): Issuer {
    const server = { issuer, token_endpoint: token };
    return new Issuer(config, { ...server, ...(revocation !== undefined && { revocation_endpoint: revocation }) });
  }

  get hasDeviceFlow(): boolean {
    return this.#server.device_authorization_endpoint !== undefined;
  }

  /** Where the browser goes, and what the answer will be checked by. */
  async request(redirectUri: string): Promise<SignInRequest> {
    const { authorization_endpoint: endpoint } = this.#server;
    const url = new URL(endpoint ?? this.#config.endpoints.authorization);
    // The system opens it, and may know more schemes than those of the web.
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(`it names ${url} as its page`);
    const verifier = oauth.generateRandomCodeVerifier();
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const parameters = {
      ...this.#asked(),
      response_type: 'code',
      client_id: this.#config.clientId,
      redirect_uri: redirectUri,
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { url: url.href, redirectUri, state, nonce, verifier };
  }

  /** Takes the answer that the browser brought, and redeems its code. */
  redeem(answer: URLSearchParams, { redirectUri, state, nonce, verifier }: SignInRequest): Promise<Grant> {
    return inWords(this.#config.issuer, async () => {
      const parameters = oauth.validateAuthResponse(this.#server, this.#client, answer, state);
      const response = await oauth.authorizationCodeGrantRequest(
        this.#server,
        this.#client,
        oauth.None(),
        parameters,
        redirectUri,
        verifier,
        this.#tokenOptions(),
      );
      const checks = { expectedNonce: nonce, requireIdToken: true };
      const client = this.#clientAt(response);
      return this.#grantOf(
        await oauth.processAuthorizationCodeResponse(this.#server, client, response, checks),
        client,
      );
    });
  }

  /** Begins a sign-in on another device. */
  beginDevice(): Promise<oauth.DeviceAuthorizationResponse> {
    return inWords(this.#config.issuer, async () => {
      const response = await oauth.deviceAuthorizationRequest(
        this.#server,
        this.#client,
        oauth.None(),
        this.#asked(),
        optionsFor(this.#config),
      );
      return oauth.processDeviceAuthorizationResponse(this.#server, this.#client, response);
    });
  }

  /** Asks whether the person has agreed on the other device. @returns why not yet, or the tokens */
  pollDevice(deviceCode: string): Promise<Grant | 'pending' | 'slow down'> {
    return inWords(this.#config.issuer, async () => {
      try {
        const response = await oauth.deviceCodeGrantRequest(
          this.#server,
          this.#client,
          oauth.None(),
          deviceCode,
          this.#tokenOptions(),
        );
        const client = this.#clientAt(response);
        return this.#grantOf(await oauth.processDeviceCodeResponse(this.#server, client, response), client);
      } catch (error) {
        if (!(error instanceof oauth.ResponseBodyError)) throw error;
        if (error.error === 'authorization_pending') return 'pending';
        if (error.error === 'slow_down') return 'slow down';
        throw error;
      }
    }).catch((error: unknown) => {
      // The person may be signing in right now. https://datatracker.ietf.org/doc/html/rfc8628#section-3.5
      if (error instanceof Unreachable) return 'slow down';
      throw error;
    });
  }

  refresh(refreshToken: string): Promise<Grant> {
    return inWords(this.#config.issuer, async () => {
      const [server, none, options] = [this.#server, oauth.None(), this.#tokenOptions()];
      const response = await oauth.refreshTokenGrantRequest(server, this.#client, none, refreshToken, options);
      const client = this.#clientAt(response);
      return this.#grantOf(await oauth.processRefreshTokenResponse(server, client, response), client, refreshToken);
    });
  }

  /** Ends a refresh token. @returns false when the issuer has no way to do it */
  revoke(refreshToken: string): Promise<boolean> {
    if (this.#server.revocation_endpoint === undefined) return Promise.resolve(false);
    return inWords(this.#config.issuer, async () => {
      const options = {
        ...optionsFor(this.#config),
        additionalParameters: { token_type_hint: 'refresh_token' },
      };
      const response = await oauth.revocationRequest(this.#server, this.#client, oauth.None(), refreshToken, options);
      await oauth.processRevocationResponse(response);
      return true;
    });
  }

  /** The client by the issuer's clock, because this machine's may be wrong by hours. */
  #clientAt({ headers }: Response): ClientAtIssuer {
    const theirs = Date.parse(headers.get('date') ?? '');
    const ahead = Number.isNaN(theirs) ? 0 : Math.round((theirs - Date.now()) / 1000);
    return { ...this.#client, [oauth.clockSkew]: ahead };
  }

  #grantOf(
    response: oauth.TokenEndpointResponse,
    { [oauth.clockSkew]: ahead }: ClientAtIssuer,
    refreshToken?: string,
  ): Grant {
    const wantsId = this.#config.token === 'id';
    const token = wantsId ? response.id_token : response.access_token;
    if (token === undefined) throw refused('it gave no ID token');
    const { token_endpoint: endpoint = this.#config.endpoints.token, revocation_endpoint: revocation } = this.#server;
    const idExpiry = oauth.getValidatedIdTokenClaims(response)?.exp;
    // By this machine's clock, by which the command looks at it later.
    const seconds = wantsId
      ? idExpiry && idExpiry - ahead
      : response.expires_in && Date.now() / 1000 + response.expires_in;
    const next = response.refresh_token ?? refreshToken;
    return {
      issuer: this.#config.issuer,
      clientId: this.#config.clientId,
      endpoints: { token: endpoint, ...(revocation !== undefined && { revocation }) },
      token,
      ...(seconds !== undefined && { expiresAt: new Date(Math.min(seconds, latestSecond) * 1000).toISOString() }),
      ...(next !== undefined && { refreshToken: next }),
    };
  }

  /** Scopes and audience. Some issuers give a refresh token only for `offline_access`. */
  #asked(): Record<string, string> {
    const { scopes, audience } = this.#config;
    const offline = this.#server.scopes_supported?.includes('offline_access') === true ? ['offline_access'] : [];
    return {
      scope: [...new Set([...scopes, ...offline])].join(' '),
      ...(audience !== undefined && { audience }),
      ...resourceParameter(this.#config),
    };
  }

  #tokenOptions() {
    return { ...optionsFor(this.#config), additionalParameters: resourceParameter(this.#config) };
  }
}

/** An issuer on this machine has no certificate. */
const optionsFor = ({ issuer }: OidcConfig) => ({
  [oauth.allowInsecureRequests]: issuer.startsWith('http:'),
  signal: () => AbortSignal.timeout(timeoutMs),
});

/** Why a sign-in could not be renewed. */
export interface RenewalFailure {
  /** `over`: the issuer has ended the refresh token, or has taken it once already. */
  readonly why: 'over' | 'unreachable' | 'refused';
  readonly words: string;
}

/**
 * Renews the tokens of a sign-in. A failure is a value, because the built command has this file apart from the others, and its
 * classes of errors are not theirs.
 */
export async function renew(config: OidcConfig, grant: Grant, refreshToken: string): Promise<Grant | RenewalFailure> {
  try {
    return await Issuer.of(config, grant).refresh(refreshToken);
  } catch (error) {
    const why = error instanceof GrantOver ? 'over' : error instanceof Unreachable ? 'unreachable' : 'refused';
    return { why, words: sentenceOf(error) };
  }
}
