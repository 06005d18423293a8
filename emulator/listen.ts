import type { Server } from 'node:http';

export interface ListeningServer {
  /** The server's URL, without a slash at its end. */
  readonly url: string;
  /** Ends every connection, also those that are kept alive. */
  close(): Promise<void>;
}

/**
 * Makes `server` listen on 127.0.0.1. Port 0 takes any free one. Throws a clear error if the port is taken.
 *
 * @param what names the server in that error
 * @param variable the environment variable that sets the port, for that error
 */
export async function listen(server: Server, port: number, what: string, variable?: string): Promise<ListeningServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portTaken(error) ? taken(port, what, variable, error) : error));
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error(`Got ${address}, expected the address of a port.`);
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const portTaken = (error: Error): boolean => 'code' in error && error.code === 'EADDRINUSE';

function taken(port: number, what: string, variable: string | undefined, cause: Error): Error {
  const example = variable === undefined ? '' : `: ${variable}=${port + 1000}`;
  return new Error(
    `Port ${port} is taken by another program, so ${what} can't listen there. Stop that program, or choose another port${example}.`,
    { cause },
  );
}
