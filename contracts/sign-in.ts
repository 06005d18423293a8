/** Sign-in with an identity provider: what the functions, the page and the command agree on. */
import * as v from 'valibot';

/** Routes for people with a token of the identity provider. */
export const personRoutes = {
  start: 'POST /me',
  look: 'GET /me',
  knownHosts: 'GET /me/known_hosts',
  stop: 'DELETE /me',
  list: 'GET /me/sessions',
} as const;

/** Routes for workloads of a CI service with a token of that service. */
export const workloadRoutes = {
  start: 'POST /ci',
  look: 'GET /ci',
  knownHosts: 'GET /ci/known_hosts',
  stop: 'DELETE /ci',
} as const;

/** Parameters that the routes of workloads lack. A workload acts for itself alone. */
export const absentForWorkloads: readonly string[] = ['user'];

/** The page, and what the page and the command must know to sign in. Everybody may read both. */
export const pageRoutes = { page: 'GET /web', config: 'GET /web/config' } as const;

const url = v.pipe(v.string(), v.url());

/** The limits of a deployment, so that a client offers what the API accepts. */
export const limits = v.object({
  defaultTtlSeconds: v.number(),
  maxTtlSeconds: v.number(),
  maxLifetimeSeconds: v.number(),
  maxSessions: v.number(),
});

export type Limits = v.InferOutput<typeof limits>;

/** The audience that lets jobs of a CI service use the routes of workloads. Absent in a deployment without those routes. */
const forWorkloads = {
  ci: v.exactOptional(
    v.object({
      /** Audience that a job's token must name. */
      audience: v.string(),
    }),
  ),
};

/** Where the command waits for the answer of the issuer, unless the deployment says otherwise. */
export const usualRedirectUri = 'http://127.0.0.1/callback';

/** Reply of `GET /web/config`. */
export const webConfig = v.variant('signIn', [
  /** The deployment has no identity provider. In the local run, the routes with `/` serve the person who runs it. */
  v.object({ signIn: v.literal('none'), ...forWorkloads }),
  v.object({
    signIn: v.literal('oidc'),
    issuer: url,
    clientId: v.string(),
    /** The scopes that the client asks for: `openid` and its like, and those that the routes require. */
    scopes: v.array(v.string()),
    /** The token that the routes take. `id`: the deployment requires no scope, so that the ID token does. */
    token: v.picklist(['access', 'id']),
    /** The audience that the client names to an issuer that wants one (`audience` or `resource`). */
    audience: v.exactOptional(v.string()),
    /** Where the command waits for the issuer's answer. Without a port it takes any free one. Default: `usualRedirectUri` */
    redirectUri: v.exactOptional(url),
    /** From the issuer's discovery document. */
    endpoints: v.object({
      authorization: url,
      token: url,
      deviceAuthorization: v.exactOptional(url),
      endSession: v.exactOptional(url),
    }),
    ...forWorkloads,
  }),
]);

export type WebConfig = v.InferOutput<typeof webConfig>;

/**
 * The audience as RFC 8707 names it, for which it must be a URI. An issuer that derives the audience from the scope, as Entra ID
 * does, refuses the parameter.
 */
export function resourceParameter({
  audience,
  scopes,
}: Pick<Extract<WebConfig, { signIn: 'oidc' }>, 'audience' | 'scopes'>): Record<string, string> {
  if (audience === undefined || !URL.canParse(audience)) return {};
  return scopes.some((scope) => scope.startsWith(audience)) ? {} : { resource: audience };
}

/** The same reply with what the page alone reads. */
export const pageConfig = v.intersect([webConfig, v.object({ limits })]);

export type PageConfig = v.InferOutput<typeof pageConfig>;
