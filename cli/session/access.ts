/** Chooses how the caller proves to the API who it is: a job's token, the token of a sign-in, or AWS credentials. */
import { type Access, awsAccess } from '../api/access.ts';
import { type Endpoint, signingRegion } from '../api/endpoint.ts';
import { readWebConfig } from '../api/web-config.ts';
import { keptSignIn } from '../sign-in/kept.ts';
import { personAccess } from '../sign-in/person.ts';
import { type JobToken, jobTokenOf, workloadAccess } from '../sign-in/workload.ts';
import type { Environment } from '../state/places.ts';
import type { Settings } from '../state/settings.ts';
import { usageError } from '../terminal/errors.ts';

export async function accessOf(endpoint: Endpoint, settings: Settings, env: Environment): Promise<Access> {
  const { url } = endpoint;
  const jobToken = jobTokenOf(env);
  if (jobToken !== undefined) {
    const { ci } = await readWebConfig(endpoint);
    if (ci !== undefined) return jobAccess(jobToken, ci.audience, settings);
  }
  const config = keptSignIn(env, url);
  return config === undefined ? awsAccessOf(endpoint, settings, env) : personAccess({ env, url, config });
}

function jobAccess(jobToken: JobToken, audience: string, { values, origins }: Settings): Access {
  if (values.user === undefined) return workloadAccess(jobToken, audience);
  throw usageError(
    `user (of ${origins.user}): got "${values.user}", expected none, because a job acts for itself alone.`,
  );
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
