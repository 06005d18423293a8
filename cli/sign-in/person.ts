/** The access of a person who has signed in. The token is renewed before it expires, by one terminal at a time. */
import { personRoutes } from '../../contracts/sign-in.ts';
import { type Access, withToken } from '../api/access.ts';
import { Unreachable } from '../api/refusals.ts';
import type { Environment } from '../state/places.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import { forgetGrant, type Grant, grantFile, keepGrant, loginCommand, readGrant } from './grant.ts';
import type { OidcConfig } from './kept.ts';
import { underLock } from './lock.ts';

/** A token that ends within this time is renewed first. API Gateway's clock may be ahead of this machine's. */
const marginMs = 60_000;

interface Place {
  readonly env: Environment;
  /** The deployment. */
  readonly url: string;
  readonly config: OidcConfig;
}

export function personAccess(place: Place): Access {
  const login = loginCommand(place.url);
  let used: string | undefined;
  return {
    kind: 'sign-in',
    paths: personRoutes,
    async prove(request) {
      used = await validToken(place);
      return withToken(request, used);
    },
    async renew() {
      const grant = readGrant(place.env, place.url, place.config);
      if (grant === undefined) return false;
      if (grant.token !== used) return true; // another terminal has renewed it
      if (grant.refreshToken === undefined) return false;
      await renewed(place, grant.token);
      return true;
    },
    remedies: {
      expired: `Run ${login}.`,
      forbidden: `Your sign-in lacks the scope that the API requires. Run ${login}, or ask the operator.`,
      unauthorized: `The API does not accept your sign-in. Run ${login}.`,
    },
  };
}

/** @throws CliError when the sign-in is over */
async function validToken(place: Place): Promise<string> {
  const { env, url, config } = place;
  const grant = readGrant(env, url, config);
  if (grant === undefined) throw new CliError(`You are not signed in. Run ${loginCommand(url)}.`, exitCodes.failed);
  if (!endsWithin(grant, marginMs)) return grant.token;
  if (grant.refreshToken === undefined) {
    if (endsWithin(grant, 0)) throw over(url);
    return grant.token;
  }
  try {
    return await renewed(place, grant.token);
  } catch (error) {
    if (error instanceof Unreachable && !endsWithin(grant, 0)) return grant.token;
    throw error;
  }
}

const endsWithin = ({ expiresAt }: Grant, milliseconds: number): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) - milliseconds <= Date.now();

const over = (url: string): CliError =>
  new CliError(`Your sign-in is over. Run ${loginCommand(url)}.`, exitCodes.failed);

/** Renews the tokens, unless another terminal has replaced `token` meanwhile. Most issuers take a refresh token once. */
function renewed({ env, url, config }: Place, token: string): Promise<string> {
  return underLock(`${grantFile(env, url)}.lock`, async () => {
    const grant = readGrant(env, url, config);
    if (grant === undefined) throw over(url);
    if (grant.token !== token) return grant.token;
    if (grant.refreshToken === undefined) throw over(url);
    const { renew } = await import('./issuer.ts');
    const next = await renew(config, grant, grant.refreshToken);
    if (!('why' in next)) {
      keepGrant(env, url, next);
      return next.token;
    }
    if (next.why === 'unreachable') throw new Unreachable(next.words);
    if (next.why === 'refused') throw new CliError(next.words, exitCodes.failed);
    forgetGrant(env, url);
    throw over(url);
  });
}
