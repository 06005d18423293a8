import { queries } from '../../contracts/api.ts';
import type { Ports } from '../core/session/ports.ts';
import { queryOf } from './query.ts';
import { type HttpHandler, httpHandler, json } from './replies.ts';

/** Handles `GET /health`, which is open to everybody and says yes or no. */
export function healthHandler(ports: Pick<Ports, 'log'>, isHealthy: () => Promise<boolean>): HttpHandler {
  return httpHandler(ports, async (event) => {
    queryOf(event, queries.health);
    if (await isHealthy()) return json(200, {});
    const ErrorMessage = 'Bastions can not be started right now. The log of the function health says why.';
    return json(500, { ErrorMessage }, { 'x-request-id': event.requestContext.requestId });
  });
}
