import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { EmulatedAws } from './aws.ts';
import type { WireRequest } from './wire.ts';

export interface AwsServer {
  /** What to give clients as their endpoint. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the emulated AWS on 127.0.0.1. Port 0 takes any free one; throws a clear error when the port is taken. */
export async function serveAws(aws: EmulatedAws, { port }: { readonly port: number }): Promise<AwsServer> {
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? portTaken(port, error) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${boundPort}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portTaken(port: number, cause: Error): Error {
  return new Error(
    `Port ${port} on 127.0.0.1 is taken by another program, so the emulated AWS cannot listen there. ` +
      'Stop that program, or name another port with AWS_PORT.',
    { cause },
  );
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
