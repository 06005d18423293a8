import type { Server } from 'node:http';

export interface ListeningServer {
  /** Without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Has `server` listen on 127.0.0.1; port 0 takes any free one. When the port is taken, throws an error that names what wanted
 * it and the variable that changes it.
 */
export async function listen(server: Server, port: number, what: string, variable: string): Promise<ListeningServer> {
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

const taken = (port: number, what: string, variable: string, cause: Error): Error =>
  new Error(
    `Port ${port} is taken by another program, so ${what} can't listen there. Stop that program, or choose another port: ${variable}=${port + 1000}.`,
    { cause },
  );
