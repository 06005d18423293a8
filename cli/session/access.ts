/** Chooses how the caller proves to the API who it is: the token of a sign-in, or AWS credentials. */
import { type Access, awsAccess } from '../api/access.ts';
import { type Endpoint, signingRegion } from '../api/endpoint.ts';
import { keptSignIn } from '../sign-in/kept.ts';
import { personAccess } from '../sign-in/person.ts';
import type { Environment } from '../state/places.ts';
import type { Settings } from '../state/settings.ts';

export async function accessOf(endpoint: Endpoint, settings: Settings, env: Environment): Promise<Access> {
  const { url } = endpoint;
  const config = keptSignIn(env, url);
  return config === undefined ? awsAccessOf(endpoint, settings, env) : personAccess({ env, url, config });
}

async function awsAccessOf(endpoint: Endpoint, settings: Settings, env: Environment): Promise<Access> {
  const { profile } = settings.values;
  if (endpoint.isLocal) return awsAccess(undefined, profile);
  const region = signingRegion(endpoint);
  const [{ signer }, { credentialsOf }] = await Promise.all([
    import('../api/signature.ts'),
    import('../api/credentials.ts'),
  ]);
  return awsAccess(signer(await credentialsOf(settings, env), { region, service: 'execute-api' }), profile);
}
