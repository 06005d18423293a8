/** The headers of replies in the OpenAPI document. */
import { callerAddressHeader } from '../contracts/api.ts';

const callerAddress = {
  description: "The caller's address as API Gateway saw it.",
  schema: { type: 'string', anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] },
};
const requestId = { description: 'The id by which the logs know the request.', schema: { type: 'string' } };
const retryAfter = { description: 'Seconds to wait before the next try.', schema: { type: 'integer', minimum: 1 } };

/** @param isStarting whether the same request, sent again, learns more */
export const resultHeaders = (isStarting: boolean) => ({
  [callerAddressHeader]: { required: true, ...callerAddress },
  ...(isStarting && { 'retry-after': { required: true, ...retryAfter } }),
});

/** API Gateway's own refusal of a token. */
export const gatewayHeaders = {
  'www-authenticate': { required: true, description: 'The reason, after the word Bearer.', schema: { type: 'string' } },
};

interface ErrorSource {
  /** Whether API Gateway never gives the status by itself. */
  readonly isOursAlone: boolean;
  /** Whether another try is worthwhile after a while. */
  readonly isForLater: boolean;
}

export const errorHeaders = ({ isOursAlone: required, isForLater }: ErrorSource) => ({
  [callerAddressHeader]: { required, ...callerAddress },
  'x-request-id': { required, ...requestId },
  ...(isForLater && { 'retry-after': { required, ...retryAfter } }),
});
