import { type HttpHandler, json } from './replies.ts';

/** Handles `GET /health`, which is open to everybody and says yes or no. */
export function healthHandler(isHealthy: () => Promise<boolean>): HttpHandler {
  return async () =>
    (await isHealthy())
      ? json(200, {})
      : json(500, { ErrorMessage: 'Bastions can not be started right now. The log of the function health says why.' });
}
