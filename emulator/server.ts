import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { EmulatedAws } from './aws.ts';
import { type ListeningServer, listen } from './listen.ts';
import type { WireRequest } from './wire.ts';

interface ServerOptions {
  /** The port to listen on. Port 0 takes any free one. */
  readonly port: number;
  /** The environment variable that sets the port. The error for a taken port names it. */
  readonly portVariable?: string;
}

/** Serves the account on 127.0.0.1. The next tasks find it there. Throws an error with advice if the port is taken. */
export async function serveAws(aws: EmulatedAws, { port, portVariable }: ServerOptions): Promise<ListeningServer> {
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
  const listening = await listen(server, port, 'the emulated AWS', portVariable);
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
