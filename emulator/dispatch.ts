import { jsonReply, understandJson } from './protocols/json.ts';
import { understandLambda } from './protocols/lambda-rest.ts';
import { understandQuery } from './protocols/query.ts';
import type { Understood, WireRequest } from './wire.ts';

/** Finds the service, the operation and the protocol of a request. */
export function understand(request: WireRequest, requestId: string): Understood {
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return understandJson(request, target);
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return understandQuery(request, requestId);
  }
  return understandLambda(request) ?? unknownRequest(request);
}

function unknownRequest({ method, path }: WireRequest): Understood {
  return { service: method, action: path, input: () => ({}), reply: jsonReply('application/json') };
}

/** Returns the access key id in a SigV4 signature, or undefined for an unsigned request. */
export function callerOf({ headers }: WireRequest): string | undefined {
  return /Credential=([^/,\s]+)\//.exec(headers.authorization ?? '')?.[1];
}
