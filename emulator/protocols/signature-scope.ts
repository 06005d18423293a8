import type { WireRequest } from '../wire.ts';

/** The access key id, the date, the region and the service in a SigV4 signature. */
const scope = /Credential=([^/,\s]+)\/(?:\d+\/[^/,\s]+\/([^/,\s]+)\/)?/;

/** Returns the access key id in a SigV4 signature, or undefined for an unsigned request. */
export function callerOf({ headers }: WireRequest): string | undefined {
  return scope.exec(headers.authorization ?? '')?.[1];
}

/** Returns the service that a request was signed for: `iam`, `logs`. Undefined for an unsigned request. */
export function signedServiceOf({ headers }: WireRequest): string | undefined {
  return scope.exec(headers.authorization ?? '')?.[2];
}
