/** Sign-in at the identity provider: Authorization Code with PKCE. Tokens stay in the memory of this page. */
import * as oauth from 'oauth4webapi';
import * as v from 'valibot';
import { type PageConfig, resourceParameter } from '../../contracts/sign-in.ts';
import type { TokenSource } from '../api/client.ts';
import { SignedOut } from '../api/errors.ts';
import { renewalProblem, signInProblem } from './problems.ts';
import type { ReturnedQuery } from './returned-query.ts';

export type OidcConfig = Extract<PageConfig, { signIn: 'oidc' }>;

interface Grant {
  readonly token: string;
  readonly refreshToken: string | undefined;
  /** By the API's clock. Infinite when the issuer does not say it: then the API does. */
  readonly expiresAt: number;
}

/** What this tab keeps while the person is at the issuer. It is worth nothing after one use. */
const request = v.object({ state: v.string(), nonce: v.string(), verifier: v.string() });
const storageKey = 'bastion-sign-in';

/** A token that ends within this time is renewed first. */
const marginMs = 20_000;

/** API Gateway takes tokens signed with RSA alone. */
const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

export class SignIn {
  readonly #config: OidcConfig;
  readonly #issuer: oauth.AuthorizationServer;
  readonly #client: oauth.Client;
  readonly #clockAheadMs: number;
  #grant: Grant | undefined;
  #renewal: Promise<Grant> | undefined;

  /** @param clockAheadMs milliseconds by which the API's clock is ahead of the browser's, which may be wrong by hours */
  constructor(config: OidcConfig, clockAheadMs: number) {
    this.#config = config;
    this.#clockAheadMs = clockAheadMs;
    const { authorization, token } = config.endpoints;
    this.#issuer = {
      issuer: config.issuer,
      authorization_endpoint: authorization,
      token_endpoint: token,
      id_token_signing_alg_values_supported: rsa,
    };
    this.#client = {
      client_id: config.clientId,
      [oauth.clockSkew]: Math.round(clockAheadMs / 1000),
      // The clocks of API and issuer may differ by a little.
      [oauth.clockTolerance]: 60,
    };
  }

  /** Leads the browser to the issuer. */
  async begin(): Promise<void> {
    const verifier = oauth.generateRandomCodeVerifier();
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    sessionStorage.setItem(
      storageKey,
      JSON.stringify({ state, nonce, verifier } satisfies v.InferOutput<typeof request>),
    );
    const url = new URL(this.#config.endpoints.authorization);
    const parameters = {
      response_type: 'code',
      client_id: this.#config.clientId,
      redirect_uri: redirectUri(),
      scope: this.#config.scopes.join(' '),
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(this.#config.audience !== undefined && { audience: this.#config.audience }),
      ...resourceParameter(this.#config),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    location.assign(url);
  }

  /** Takes the issuer's answer. Resolves with whether somebody is signed in now. Throws a sentence. */
  async finish({ parameters, isAnswer }: ReturnedQuery): Promise<boolean> {
    if (!isAnswer) return false;
    const stored = v.safeParse(v.pipe(v.string(), v.parseJson(), request), sessionStorage.getItem(storageKey));
    sessionStorage.removeItem(storageKey);
    if (!stored.success) throw new Error('This tab has begun no sign-in. Sign in here.');
    const { state, nonce, verifier } = stored.output;
    try {
      const [issuer, client] = [this.#issuer, this.#client];
      const answer = oauth.validateAuthResponse(issuer, client, parameters, state);
      const response = await oauth.authorizationCodeGrantRequest(
        issuer,
        client,
        oauth.None(),
        answer,
        redirectUri(),
        verifier,
        this.#requestOptions(),
      );
      const checks = { expectedNonce: nonce, requireIdToken: true };
      this.#grant = this.#grantOf(await oauth.processAuthorizationCodeResponse(issuer, client, response, checks));
      return true;
    } catch (error) {
      throw signInProblem(error, this.#config);
    }
  }

  /** The token for the next request, renewed if the issuer allows that. Throws `SignedOut`, or `Offline` while the issuer is away. */
  readonly token: TokenSource = async (refused) => {
    const grant = this.#grant;
    if (grant === undefined) throw new SignedOut();
    const isRefused = grant.token === refused;
    if (!isRefused && grant.expiresAt - marginMs > this.#now()) return grant.token;
    const isGood = !isRefused && grant.expiresAt > this.#now();
    if (grant.refreshToken === undefined) {
      if (isGood) return grant.token;
      throw new SignedOut();
    }
    this.#renewal ??= this.#renew(grant.refreshToken).finally(() => {
      this.#renewal = undefined;
    });
    try {
      return (await this.#renewal).token;
    } catch (error) {
      if (isGood && !(error instanceof SignedOut)) return grant.token;
      throw error;
    }
  };

  /** Forgets the tokens, and ends the session at the issuer where it has a page for that. */
  end(): void {
    this.#grant = undefined;
    const { endSession } = this.#config.endpoints;
    if (endSession === undefined) {
      location.reload();
      return;
    }
    const url = new URL(endSession);
    url.searchParams.set('client_id', this.#config.clientId);
    url.searchParams.set('post_logout_redirect_uri', redirectUri());
    location.assign(url);
  }

  async #renew(refreshToken: string): Promise<Grant> {
    const [issuer, client] = [this.#issuer, this.#client];
    try {
      const options = this.#requestOptions();
      const response = await oauth.refreshTokenGrantRequest(issuer, client, oauth.None(), refreshToken, options);
      const renewed = this.#grantOf(await oauth.processRefreshTokenResponse(issuer, client, response), refreshToken);
      this.#grant = renewed;
      return renewed;
    } catch (error) {
      const problem = renewalProblem(error, this.#config);
      if (problem instanceof SignedOut) this.#grant = undefined;
      throw problem;
    }
  }

  #now(): number {
    return Date.now() + this.#clockAheadMs;
  }

  #grantOf(response: oauth.TokenEndpointResponse, refreshToken?: string): Grant {
    const wantsId = this.#config.token === 'id';
    const token = wantsId ? response.id_token : response.access_token;
    if (token === undefined) throw new Error('The issuer gave no ID token.');
    const seconds = wantsId
      ? (oauth.getValidatedIdTokenClaims(response)?.exp ?? 0)
      : this.#now() / 1000 + (response.expires_in ?? Number.POSITIVE_INFINITY);
    return { token, refreshToken: response.refresh_token ?? refreshToken, expiresAt: seconds * 1000 };
  }

  #requestOptions() {
    return {
      // An issuer on this machine has no certificate.
      [oauth.allowInsecureRequests]: this.#config.issuer.startsWith('http:'),
      additionalParameters: resourceParameter(this.#config),
      signal: () => AbortSignal.timeout(15_000),
    };
  }
}

const redirectUri = (): string => `${location.origin}${location.pathname}`;
