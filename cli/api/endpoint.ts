/** The API's URL, and the region that its signatures name. */
import { type Settings, withoutSlash } from '../state/settings.ts';
import { usageError } from '../terminal/errors.ts';

export interface Endpoint {
  /** Without a slash at its end. */
  readonly url: string;
  /** The local run checks no signature and needs no credentials. */
  readonly isLocal: boolean;
  /** Undefined for the local run, and where neither the URL nor the settings name it. Signatures alone need it. */
  readonly region: string | undefined;
}

/** @throws CliError when no URL is set, or none that can be called */
export function endpointOf({ values, origins, unapprovedIn }: Omit<Settings, 'tunnels'>): Endpoint {
  if (values.url === undefined) {
    throw usageError(
      'No deployment is set. Run "bastion configure --stack NAME" with the name of the stack, or "bastion configure --url URL" with the URL that npm start prints.',
    );
  }
  const { url, isLocal } = checkedUrl(values.url, origins.url ?? '--url');
  if (unapprovedIn !== undefined) {
    // It would get requests that your credentials sign, and your ssh would enter the host that it names.
    throw usageError(
      `${unapprovedIn} names ${url}, a deployment that you have never configured. If it is yours, run "bastion configure --url ${url}" once.`,
    );
  }
  return { url, isLocal, region: isLocal ? undefined : regionOf(url, { values, origins }) };
}

/** Requests go over TLS, or stay on this machine. @param origin who says the URL, for the error */
export function checkedUrl(text: string, origin: string): Pick<Endpoint, 'url' | 'isLocal'> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === 'http:' && /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname);
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url === undefined || !isPlain || !(isLocal || url.protocol === 'https:')) {
    throw usageError(
      `url (of ${origin}): got "${text}", expected https://… as the output ApiUrl of the stack shows it, or http://127.0.0.1:PORT of the local run.`,
    );
  }
  return { url: withoutSlash(`${url.origin}${url.pathname}`), isLocal };
}

/** API Gateway's own host names carry the region. A custom domain does not. */
function regionOf(url: string, { values, origins }: Pick<Settings, 'values' | 'origins'>): string | undefined {
  const [, inHost] = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/.exec(new URL(url).hostname) ?? [];
  const isNamed = origins.region === 'the command line';
  return isNamed ? values.region : (inHost ?? values.region);
}

/** @throws CliError when no region is set */
export function signingRegion({ url, region }: Endpoint): string {
  if (region !== undefined) return region;
  throw usageError(`No region is set, and ${url} does not name it. Pass --region, or set AWS_REGION.`);
}
