import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { EmulatedAws } from './aws.ts';
import { type ListeningServer, type ListenOptions, listen } from './listen.ts';
import type { WireRequest } from './wire.ts';

interface ServerOptions extends Pick<ListenOptions, 'port' | 'host' | 'portVariable'> {
  /**
   * Makes this a server for tasks: it says whether a client's address is one of theirs, and no other client may connect. Every
   * request must have the signature of a task. Default: each client may connect.
   */
  readonly isTask?: (clientIp: string) => boolean;
}

/**
 * Serves the account on an address of this machine. The next tasks find it there. An account can have several servers, and the
 * last one counts. Throws an error with advice if the port is taken.
 */
export async function serveAws(aws: EmulatedAws, options: ServerOptions): Promise<ListeningServer> {
  const { isTask, ...address } = options;
  const server = createServer(async (request, response) => {
    try {
      const { status, headers, body } = await aws.handle({
        ...(await wireRequest(request)),
        isFromTask: isTask !== undefined,
      });
      response.writeHead(status, { ...headers, 'content-length': body.byteLength });
      response.end(body);
    } catch (error) {
      console.error(`The emulated AWS could not answer ${request.method} ${request.url}:`, error);
      response.destroy();
    }
  });
  server.on('connection', (socket) => {
    if (isTask?.(socket.remoteAddress ?? '') === false) socket.destroy();
  });
  const listening = await listen(server, { ...address, title: 'the emulated AWS' });
  aws.endpoint = listening.url;
  return listening;
}

async function wireRequest(request: IncomingMessage): Promise<WireRequest> {
  const headers = Object.entries(request.headers).map(
    ([name, value]) => [name, [value ?? ''].flat().join(', ')] as const,
  );
  return {
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: Object.fromEntries(headers),
    body: await buffer(request),
  };
}
