import type { Server } from 'node:http';

/** A server on a port of 127.0.0.1. */
export interface ListeningServer {
  /** The server's URL, without a slash at its end. */
  readonly url: string;
  /** Stops the server and ends every connection, even an idle one. */
  close(): Promise<void>;
}

/**
 * Makes `server` listen on 127.0.0.1. Port 0 takes any free one. Throws an error with advice if the port is taken.
 *
 * @param title names the server in that error
 * @param variable is the environment variable that sets the port, for that error
 */
export async function listen(server: Server, port: number, title: string, variable?: string): Promise<ListeningServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(isPortTaken(error) ? portTakenError(port, title, variable, error) : error));
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error(`Got ${address}, expected an address with a port.`);
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const isPortTaken = (error: Error): boolean => 'code' in error && error.code === 'EADDRINUSE';

function portTakenError(port: number, title: string, variable: string | undefined, cause: Error): Error {
  const example = variable === undefined ? '' : `: ${variable}=${port + 1000}`;
  return new Error(
    `Port ${port} is taken by another program, so ${title} can't listen there. Stop that program, or choose another port${example}.`,
    { cause },
  );
}
