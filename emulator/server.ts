import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { EmulatedAws } from './aws.ts';
import { type ListeningServer, listen } from './listen.ts';
import type { WireRequest } from './wire.ts';

/**
 * Serves the emulated AWS on 127.0.0.1, and tells tasks that start from now on to find it there. Port 0 takes any free one;
 * throws a clear error when the port is taken.
 */
export async function serveAws(aws: EmulatedAws, { port }: { readonly port: number }): Promise<ListeningServer> {
  const server = createServer(async (request, response) => {
    try {
      const { status, headers, body } = await aws.handle(await wireRequest(request));
      response.writeHead(status, { ...headers, 'content-length': body.byteLength });
      response.end(body);
    } catch (error) {
      console.error(`The emulated AWS could not answer ${request.method} ${request.url}:`, error);
      response.destroy();
    }
  });
  const listening = await listen(server, port, 'the emulated AWS', 'AWS_PORT');
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
