import type { Server } from 'node:net';
import type { Closers } from '../local/closers.ts';

/** Makes the server listen on any free port of this machine, until `closers` close. @returns the port */
export async function listening(server: Server, closers: Closers): Promise<number> {
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, resolve));
  closers.add(async () => {
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
