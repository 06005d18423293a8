/**
 * Chooses how the caller proves to the API who it is: a job's token, the token of a sign-in, or AWS credentials. Each way is loaded
 * only where it is taken, because every command comes by here.
 */
import { existsSync } from 'node:fs';
import { type Access, awsAccess } from '../api/access.ts';
import { type Endpoint, signingRegion } from '../api/endpoint.ts';
import { type Environment, signInFile } from '../state/places.ts';
import type { Settings } from '../state/settings.ts';

export async function accessOf(endpoint: Endpoint, settings: Settings, env: Environment): Promise<Access> {
  const { url } = endpoint;
  if (env.ACTIONS_ID_TOKEN_REQUEST_URL || env.BASTION_ID_TOKEN) {
    const { jobAccess } = await import('../sign-in/job.ts');
    const access = await jobAccess(endpoint, settings, env);
    if (access !== undefined) return access;
  }
  if (existsSync(signInFile(env, url))) {
    const [{ keptSignIn }, { personAccess }] = await Promise.all([
      import('../sign-in/kept.ts'),
      import('../sign-in/person.ts'),
    ]);
    const config = keptSignIn(env, url);
    if (config !== undefined) return personAccess({ env, url, config });
  }
  return awsAccessOf(endpoint, settings, env);
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
