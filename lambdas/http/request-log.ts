import type { Log } from '../core/session/ports.ts';
import { callerIdOf } from './caller-id.ts';
import type { HttpEvent } from './event.ts';

/** The log of one request. Each line says who asked, from where, and in which request, as API Gateway vouches for it. */
export function requestLog(log: Log, event: HttpEvent): Log {
  const { requestContext } = event;
  const caller = callerIdOf(event);
  const request = {
    requestId: requestContext.requestId,
    sourceIp: requestContext.http.sourceIp,
    ...(caller !== undefined && { caller }),
  };
  return {
    info: (decision, fields) => log.info(decision, { ...request, ...fields }),
    error: (decision, fields) => log.error(decision, { ...request, ...fields }),
  };
}
