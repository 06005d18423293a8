/** `GET /web` sends the page, `GET /web/config` says how people sign in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signInAt } from '../http/web/issuer.ts';
import { type SignIn, webHandler } from '../http/web/page.ts';
import type { Runtime } from '../runtime.ts';
import { type Environment, readVariables } from '../variables.ts';

export const variables = [
  ...(['oidcIssuer', 'oidcClientId', 'oidcAudience', 'oidcScopes', 'oidcRedirectUri', 'ciAudience'] as const),
  ...(['defaultTtlSeconds', 'maxTtlSeconds', 'maxLifetimeSeconds', 'maxSessions'] as const),
] as const;

export function create(environment: Environment, { log, clock, fetch }: Runtime) {
  const values = readVariables(variables, environment);
  const {
    oidcIssuer: issuer,
    oidcClientId: clientId,
    oidcAudience: audience,
    oidcScopes: scopes = [],
    oidcRedirectUri: redirectUri,
    ciAudience,
    ...limits
  } = values;
  // Lambda names the folder of the bundle in this variable. The build puts the page's parts beside it.
  const read = (name: string) => readFileSync(join(environment.LAMBDA_TASK_ROOT ?? '', name), 'utf8');
  const parts = { script: read('page.js'), style: read('page.css') };
  const signIn: SignIn =
    issuer === undefined || clientId === undefined
      ? () => Promise.resolve({ signIn: 'none' })
      : signInAt({ issuer, clientId, audience, scopes, redirectUri }, { clock, fetch });
  return webHandler({ log, signIn }, { parts, limits, ciAudience });
}
