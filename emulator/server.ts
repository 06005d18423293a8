import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { EmulatedAws } from './aws.ts';
import { understand } from './dispatch.ts';
import { guard } from './guard.ts';
import { type ListeningServer, type ListenOptions, listen } from './listen.ts';
import { AwsError, type WireRequest, type WireResponse } from './wire.ts';

interface ServerOptions extends Pick<ListenOptions, 'port' | 'host' | 'portVariable'> {
  /**
   * Makes this a server for tasks: it says whether a client's address is one of theirs, and no other client may connect. Every
   * request must have the signature of a task. Default: each client may connect.
   */
  readonly isTask?: (clientIp: string) => boolean;
}

/**
 * Serves the account on an address of this machine, to programs of the user who runs it and to no web page. The next tasks find it
 * there. An account can have several servers, and the last one counts. Throws an error with advice if the port is taken.
 */
export async function serveAws(aws: EmulatedAws, options: ServerOptions): Promise<ListeningServer> {
  const { isTask, ...address } = options;
  const answer = async (request: IncomingMessage): Promise<WireResponse> => {
    const refusal = refusalOf(request);
    if (refusal !== undefined) return refused(request, refusal);
    return aws.handle({ ...wireHead(request), body: await buffer(request), isFromTask: isTask !== undefined });
  };
  const server = createServer(async (request, response) => {
    try {
      const { status, headers, body } = await answer(request);
      response.writeHead(status, { ...headers, 'content-length': body.byteLength });
      response.end(body);
    } catch (error) {
      console.error(`The emulated AWS could not answer ${request.method} ${request.url}:`, error);
      response.destroy();
    }
  });
  const refusalOf = guard(server);
  server.on('connection', (socket) => {
    if (isTask?.(socket.remoteAddress ?? '') === false) socket.destroy();
  });
  const listening = await listen(server, { ...address, title: 'the emulated AWS' });
  aws.endpoint = listening.url;
  return listening;
}

/** A refusal in the form of the request's protocol. The body stays unread. */
function refused(request: IncomingMessage, message: string): WireResponse {
  const error = new AwsError('AccessDeniedException', message, 403);
  const { status, headers, body } = understand({ ...wireHead(request), body: new Uint8Array() }, '').reply.error(error);
  return { status, headers: { ...headers, connection: 'close' }, body };
}

function wireHead(request: IncomingMessage): Omit<WireRequest, 'body'> {
  const headers = Object.entries(request.headers).map(
    ([name, value]) => [name, [value ?? ''].flat().join(', ')] as const,
  );
  return {
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: Object.fromEntries(headers),
  };
}
