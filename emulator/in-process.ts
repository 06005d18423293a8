import type { EmulatedAws } from './aws.ts';
import type { Clock } from './clock.ts';
import { textBody, type WireRequest, type WireResponse } from './wire.ts';

/** The part of the SDK's request that is used here. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface InProcessOptions {
  /** The access key id of the caller. Default `test`. */
  readonly caller?: string;
  /** The credentials of a task. Their signature is checked. Default: none, and `caller` counts. */
  readonly credentials?: SdkCredentials;
  /** How often the SDK tries a call. Default 3. */
  readonly maxAttempts?: number;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

interface RetryToken {
  getRetryCount(): number;
  getRetryDelay(): number;
}

/** The settings that the SDK would otherwise read from the machine's environment and files at a client's first call. */
const settings = {
  defaultsMode: 'legacy' as const,
  retryMode: 'standard',
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  accountIdEndpointMode: 'disabled' as const,
  authSchemePreference: [],
  userAgentAppId: '',
  disableClockSkewCorrection: true,
  /** The emulated AWS does not look at the user agent, and writing one is a good part of what a call costs. */
  defaultUserAgentProvider: async () => [],
  /** The SDK puts a command's steps together once for each client, not for each call. */
  cacheMiddleware: true,
  /** Without a method to log with, the SDK does not go through input and output to blank out what is secret. */
  logger: new Proxy(console, { get: () => undefined }),
};

/**
 * Returns the configuration that makes any SDK v3 client speak to the emulated AWS without a socket, with all its waiting on
 * `clock`: `new EC2Client(inProcess(aws, clock))`.
 */
export function inProcess(
  aws: EmulatedAws,
  clock: Clock,
  { caller = 'test', credentials, maxAttempts = 3 }: InProcessOptions = {},
) {
  const url = new URL(aws.endpoint);
  return {
    ...settings,
    endpoint: partsOf(url),
    // By the rules of every service a given endpoint is the endpoint. Working through them for each call takes longer.
    endpointProvider: () => ({ url }),
    region: aws.region,
    credentials: credentials ?? { accessKeyId: caller, secretAccessKey: 'not-checked' },
    // Only a task's signature is checked, and signing is a good part of what a call costs.
    ...(credentials === undefined && { signer: namesCaller(caller) }),
    requestHandler: {
      async handle(request: SdkRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
        abortSignal?.throwIfAborted();
        const answered = aws.handle(wireRequest(request)).then(sdkResponse);
        return {
          response: await (abortSignal === undefined ? answered : Promise.race([answered, aborted(abortSignal)])),
        };
      },
    },
    retryStrategy: retriesOn(clock, maxAttempts),
    maxAttempts: triesOf(maxAttempts),
  };
}

/** Returns the endpoint in its parts. The SDK would take a text apart for each call. */
function partsOf({ protocol, hostname, port, pathname: path }: URL) {
  return { protocol, hostname, path, ...(port !== '' && { port: Number(port) }) };
}

/**
 * Makes a provider of the number of tries. The SDK calls it as a method of a client's configuration, and copies that
 * configuration three times for each call, which was a third of the call's cost. V8 keeps an object with so many members as a
 * hash table, but gives them fixed places once the object is the prototype of another whose members are read.
 */
function triesOf(maxAttempts: number) {
  const arranged = new WeakSet<object>();
  return async function provide(this: unknown): Promise<number> {
    if (typeof this === 'object' && this !== null && !arranged.has(this)) {
      arranged.add(this);
      const heir: object = Object.create(this);
      for (let times = 0; times < 20; times += 1) regionOf(heir);
    }
    return maxAttempts;
  };
}

const regionOf = (configuration: { readonly region?: unknown }) => configuration.region;

/** Makes a signer that names the caller and leaves the signature empty. */
function namesCaller(caller: string) {
  const authorization = `AWS4-HMAC-SHA256 Credential=${caller}/20260101/us-east-1/aws/aws4_request, SignedHeaders=host, Signature=0`;
  return {
    sign: async <Request extends { headers: Record<string, string> }>(request: Request) => ({
      ...request,
      headers: { ...request.headers, authorization },
    }),
  };
}

/** Makes the SDK's retries wait on `clock`. Its own wait in real time, and draw their jitter from Math.random. */
function retriesOn(clock: Clock, maxAttempts: number) {
  const tokenAfter = (retries: number): RetryToken => ({ getRetryCount: () => retries, getRetryDelay: () => 0 });
  return {
    acquireInitialRetryToken: async () => tokenAfter(0),
    async refreshRetryTokenForRetry(token: RetryToken, { errorType }: { readonly errorType: string }) {
      const retries = token.getRetryCount();
      if (errorType === 'CLIENT_ERROR' || retries + 1 >= maxAttempts) throw new Error('No retry is left');
      await clock.sleep((errorType === 'THROTTLING' ? 1000 : 50) * 2 ** retries);
      return tokenAfter(retries + 1);
    },
    recordSuccess() {},
  };
}

function wireRequest({ method, path, query = {}, headers, body }: SdkRequest): WireRequest {
  const lowerCased: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) lowerCased[name.toLowerCase()] = value;
  return { method, path: path + searchOf(query), headers: lowerCased, body: bytesOf(body) };
}

function searchOf(query: NonNullable<SdkRequest['query']>): string {
  const search = Object.entries(query).flatMap(([name, value]) => pairs(name, value));
  return search.length === 0 ? '' : `?${new URLSearchParams(search)}`;
}

function pairs(name: string, value: string | string[] | null): [string, string][] {
  return [value ?? ''].flat().map((one) => [name, one]);
}

function bytesOf(body: unknown): Uint8Array {
  if (body === undefined) return new Uint8Array();
  if (typeof body === 'string') return textBody(body);
  if (body instanceof Uint8Array) return body;
  throw new Error(
    `The in-process AWS takes request bodies of text or bytes, got ${typeof body}; streams are not supported`,
  );
}

function sdkResponse({ status, headers, body }: WireResponse): SdkResponse {
  return { statusCode: status, headers: { ...headers }, body };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
