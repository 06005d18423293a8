/** The region in which a person's stacks, databases and caches are looked up. */
import { endpointOf } from '../api/endpoint.ts';
import type { Environment } from '../state/places.ts';
import type { Settings } from '../state/settings.ts';
import { usageError } from '../terminal/errors.ts';

/** A region's name becomes part of a host name. */
const regionForm = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;

/** The emulated AWS of the local run has this one. */
const localRegion = 'us-east-1';

/**
 * Flags come first, then the region in the deployment's URL, then the other settings, then the profile in `~/.aws/config`.
 * @throws CliError when no region is set, or none that is one
 */
export async function accountRegion(settings: Settings, env: Environment): Promise<string> {
  const { values, origins } = settings;
  const isNamed = origins.region === 'the command line';
  const region = (isNamed ? values.region : urlRegion(settings)) ?? values.region ?? (await fallback(settings, env));
  if (region === undefined) {
    throw usageError('No region is set. Pass --region, set AWS_REGION, or give the profile one in ~/.aws/config.');
  }
  if (regionForm.test(region)) return region;
  throw usageError(`region: got "${region}", expected one such as eu-west-1.`);
}

const urlRegion = (settings: Settings): string | undefined =>
  settings.values.url === undefined ? undefined : endpointOf(settings).region;

async function fallback({ values }: Settings, env: Environment): Promise<string | undefined> {
  const { loadSharedConfigFiles } = await import('@smithy/core/config');
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const profile = values.profile ?? 'default';
  const region = configFile[profile]?.region ?? credentialsFile[profile]?.region;
  return region ?? (env.AWS_ENDPOINT_URL ? localRegion : undefined);
}
