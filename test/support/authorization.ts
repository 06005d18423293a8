/** Requests whose header `Authorization` is as somebody writes it. */
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { callerAddressHeader } from '../../contracts/api.ts';

export interface TokenReply {
  readonly status: number;
  /** False for an answer of API Gateway itself. */
  readonly isFromFunction: boolean;
  readonly body: unknown;
  readonly challenge: string | undefined;
}

/** @param authorization the value of each such header. They go out as they stand, where `fetch` would join them. */
export function sendTo(api: string, routeKey: string, authorization: readonly string[]): Promise<TokenReply> {
  const [method, path] = routeKey.split(' ');
  const headers = ['Host', new URL(api).host, ...authorization.flatMap((value) => ['Authorization', value])];
  return new Promise((resolve, reject) => {
    const sent = request(`${api}${path}`, { method, headers }, (response) => {
      const { statusCode: status = 0, headers: received } = response;
      const isFromFunction = callerAddressHeader in received;
      const challenge = received['www-authenticate'];
      json(response).then((body) => resolve({ status, isFromFunction, body, challenge }), reject);
    });
    sent.once('error', reject).end();
  });
}
