/** How a caller proves to the API who it is, and the routes that take such a proof. */
import { routes } from '../../contracts/api.ts';
import { renewal } from './credentials.ts';
import type { ApiRequest } from './http.ts';
import type { Sign } from './signature.ts';

export interface Access {
  /** The kind of proof: AWS credentials, a person's token, or the token of a CI job. */
  readonly kind: 'credentials' | 'sign-in' | 'job';
  readonly paths: Paths;
  /** Gives a request the headers that prove its sender. The local run needs none. */
  readonly prove?: (request: ApiRequest) => ApiRequest | Promise<ApiRequest>;
  /** Looks for another proof in place of one that the API has refused. Resolves with whether there is one. */
  readonly renew?: () => Promise<boolean>;
  readonly remedies: Remedies;
}

/** Route keys. */
export interface Paths {
  readonly start: string;
  readonly look: string;
  readonly stop: string;
  /** Jobs have no history. */
  readonly list?: string;
}

/** Sentences about a refusal of API Gateway, whose own words do not say what to do. */
export interface Remedies {
  /** For a proof whose time is over. */
  readonly expired: string;
  /** For a caller without the permission. */
  readonly forbidden: string;
  /** In place of `Unauthorized`. */
  readonly unauthorized: string;
}

/** The routes for callers with an AWS identity. @param sign undefined for the local run */
export function awsAccess(sign: Sign | undefined, profile: string | undefined): Access {
  const remedies = {
    expired: renewal(profile),
    forbidden: 'The API refuses these credentials. Your identity needs execute-api:Invoke on it.',
    unauthorized: `The API does not accept these credentials. ${renewal(profile)}`,
  };
  return { kind: 'credentials', paths: routes, remedies, ...(sign !== undefined && { prove: sign }) };
}

/** A request with a token, as an authorizer for tokens wants it. */
export const withToken = (request: ApiRequest, token: string): ApiRequest => ({
  ...request,
  headers: { ...request.headers, authorization: `Bearer ${token}` },
});
