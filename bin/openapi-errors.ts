/** The errors in the OpenAPI document. */
import { errorHeaders, gatewayHeaders } from './openapi-headers.ts';

const descriptions = {
  400: 'Something in the request is wrong, or missing.',
  401: 'The secret is wrong, or missing.',
  403: 'The signature is wrong, the token has no right scope, or the caller may not act for this user.',
  404: 'There is no such session.',
  409: 'The request contradicts the state of the session.',
  429: 'As many sessions live as may, or the requests come too fast.',
  500: 'The service failed.',
  501: 'This deployment lacks the kind of agent.',
  502: 'The bastion stopped before it was ready.',
  503: 'AWS has no capacity, or is out of reach.',
} as const;

export type ErrorStatus = keyof typeof descriptions;

const onEveryRoute: readonly ErrorStatus[] = [400, 429, 500, 503];

/** API Gateway answers these itself too, in a form of its own. */
const ofGateway: readonly ErrorStatus[] = [403, 429, 500, 503];

/** The functions say how long to wait before another try. */
const forLater: readonly ErrorStatus[] = [429, 503];

export const gatewayError = { type: 'object', required: ['message'], properties: { message: { type: 'string' } } };

const ours = { $ref: '#/components/schemas/Error' };

const gateways = { $ref: '#/components/schemas/GatewayError' };
const oursOrGateways = { anyOf: [ours, gateways] };

/** API Gateway checks a token before any function of ours runs. */
export const tokenReplies = {
  401: {
    description: 'The token is missing, has expired, or is not for this API.',
    headers: gatewayHeaders,
    content: { 'application/json': { schema: gateways } },
  },
} as const;

/** The replies of a route by their status. @param ofRoute statuses beside those that every route has */
export const errorReplies = (ofRoute: readonly ErrorStatus[]): Readonly<Record<string, object>> =>
  Object.fromEntries(
    [...onEveryRoute, ...ofRoute].map((status) => {
      const isGateways = ofGateway.includes(status);
      const content = { 'application/json': { schema: isGateways ? oursOrGateways : ours } };
      const headers = errorHeaders({ isOursAlone: !isGateways, isForLater: forLater.includes(status) });
      return [status, { description: descriptions[status], headers, content }];
    }),
  );
