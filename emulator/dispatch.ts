import { jsonReply, understandJson } from './protocols/json.ts';
import { understandLambda } from './protocols/lambda-rest.ts';
import { understandQuery } from './protocols/query.ts';
import { signedServiceOf } from './protocols/signature-scope.ts';
import { splitTarget, type Understood, type WireRequest } from './wire.ts';

/** Finds the service, the operation and the protocol of a request. */
export function understand(request: WireRequest, requestId: string): Understood {
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return understandJson(request, target);
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return understandQuery(request, requestId);
  }
  return understandLambda(request) ?? unknownRequest(request);
}

function unknownRequest(request: WireRequest): Understood {
  return {
    service: signedServiceOf(request) ?? 'http',
    action: `${request.method} ${splitTarget(request.path).path}`,
    unknownOperationCode: 'UnknownOperationException',
    input: () => ({}),
    reply: jsonReply('application/json'),
  };
}
