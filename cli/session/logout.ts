/** Forgets a sign-in, and ends it at the identity provider where that has a way. */
import { endpointOf } from '../api/endpoint.ts';
import { heedProxy } from '../api/proxy.ts';
import { forgetGrant, type Grant, grantFile, lenientGrant } from '../sign-in/grant.ts';
import { keptSignIn } from '../sign-in/kept.ts';
import { underLock } from '../sign-in/lock.ts';
import { bastionFolder, type Environment } from '../state/places.ts';
import { forget } from '../state/session.ts';
import type { Settings } from '../state/settings.ts';
import { sentenceOf } from '../terminal/errors.ts';

export interface SignedOut {
  readonly url: string;
  /** Whether there were tokens to forget. */
  readonly wasSignedIn: boolean;
  /** Whether the identity provider has ended the refresh token. Undefined without one. */
  readonly isRevoked?: boolean;
  /** Why it has not. */
  readonly reason?: string;
}

export async function logout(settings: Settings, env: Environment): Promise<SignedOut> {
  const { url } = endpointOf(settings);
  const grant = await underLock(`${grantFile(env, url)}.lock`, async () => {
    const found = lenientGrant(env, url);
    forgetGrant(env, url);
    return found;
  });
  if (grant === undefined) return { url, wasSignedIn: false };
  forget(bastionFolder(env, url, undefined)); // the next person to sign in is another, perhaps
  return { url, wasSignedIn: true, ...(await revoked(grant, url, env)) };
}

/** The tokens are gone from here already, so a failure is a sentence and no error. */
async function revoked(grant: Grant, url: string, env: Environment): Promise<Pick<SignedOut, 'isRevoked' | 'reason'>> {
  const { refreshToken } = grant;
  if (refreshToken === undefined) return {};
  try {
    heedProxy(env);
    const config = keptSignIn(env, url);
    if (config === undefined || config.issuer !== grant.issuer || config.clientId !== grant.clientId) {
      return { isRevoked: false, reason: 'The deployment has another identity provider now.' };
    }
    const { Issuer } = await import('../sign-in/issuer.ts');
    const isRevoked = await Issuer.of(config, grant).revoke(refreshToken);
    return isRevoked ? { isRevoked } : { isRevoked, reason: 'It has no way to end a refresh token.' };
  } catch (error) {
    return { isRevoked: false, reason: sentenceOf(error) };
  }
}

export function signedOutText({ url, wasSignedIn, isRevoked, reason }: SignedOut): string {
  if (!wasSignedIn) return `You were not signed in to ${url}.`;
  const here = `Signed out of ${url}.`;
  if (isRevoked === undefined) return here;
  return isRevoked
    ? `${here} The identity provider has ended the refresh token.`
    : `${here} The refresh token is gone from here, and the identity provider has not ended it. ${reason ?? ''}`;
}
