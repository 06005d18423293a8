/** The URLs of AWS's services, or the ones that the environment names in their place, as for every SDK. */
import { checkedUrl, type Endpoint } from '../api/endpoint.ts';
import type { Environment } from '../state/places.ts';

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
export function serviceUrl(service: string, region: string, env: Environment): Pick<Endpoint, 'url' | 'isLocal'> {
  const own = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
  const name = env[own] ? own : 'AWS_ENDPOINT_URL';
  const text = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true' ? undefined : env[name];
  if (text) return checkedUrl(text, name);
  return { url: `https://${service}.${region}.${domainOf(region)}`, isLocal: false };
}

/** https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
const domainOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn';
  return region.startsWith('eusc-') ? 'amazonaws.eu' : 'amazonaws.com';
};
