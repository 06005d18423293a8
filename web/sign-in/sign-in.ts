/** Sign-in at the identity provider: Authorization Code with PKCE. The token stays in the memory of this page. */
import type { PageConfig } from '../../contracts/sign-in.ts';
import type { Token } from '../api/token.ts';

/** The query with which the issuer has sent the browser back. */
export interface ReturnedQuery {
  readonly parameters: URLSearchParams;
  readonly isAnswer: boolean;
}

export type OidcConfig = Extract<PageConfig, { signIn: 'oidc' }>;

/** Takes the query out of the address bar at once, because it may hold a code. A fragment is read by nothing here. */
export function takeQuery(): ReturnedQuery {
  const parameters = new URLSearchParams(location.search);
  if (location.search !== '' || location.hash !== '') history.replaceState(undefined, '', location.pathname);
  return { parameters, isAnswer: parameters.has('state') && (parameters.has('code') || parameters.has('error')) };
}

export class SignIn {
  readonly config: OidcConfig;
  constructor(config: OidcConfig) {
    this.config = config;
  }
  async finish(_returned: ReturnedQuery): Promise<Token | undefined> {
    return undefined;
  }
  async begin(): Promise<void> {}
  end(): void {}
}
