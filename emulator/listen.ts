import type { Server } from 'node:http';

/** A server on a port of this machine. */
export interface ListeningServer {
  /** The server's URL, without a slash at its end. */
  readonly url: string;
  /** Stops the server and ends every connection, even an idle one. */
  close(): Promise<void>;
}

/** Where a server listens, and its names in errors. */
export interface ListenOptions {
  /** The port to listen on. Port 0 takes any free one. */
  readonly port: number;
  /** The address of this machine to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** The name of the server in the error for a taken port. */
  readonly title: string;
  /** The environment variable that sets the port. The error for a taken port names it. */
  readonly portVariable?: string | undefined;
}

/** Makes `server` listen. Throws an error with advice if the port is taken. */
export async function listen(server: Server, options: ListenOptions): Promise<ListeningServer> {
  const { port, host = '127.0.0.1' } = options;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(isPortTaken(error) ? portTakenError(options, error) : error));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error(`Got ${address}, expected an address with a port.`);
  return {
    url: `http://${host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const isPortTaken = (error: Error): boolean => 'code' in error && error.code === 'EADDRINUSE';

function portTakenError({ port, title, portVariable }: ListenOptions, cause: Error): Error {
  const example = portVariable === undefined ? '' : `: ${portVariable}=${port + 1000}`;
  return new Error(
    `Port ${port} is taken by another program, so ${title} can't listen there. Stop that program, or choose another port${example}.`,
    { cause },
  );
}
