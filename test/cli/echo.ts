/** A service behind a bastion that sends back what it gets, behind the word `echo`. */
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Echo {
  readonly port: number;
  close(): void;
}

export async function startEcho(): Promise<Echo> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('echo ');
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => server.close(),
  };
}

/** Sends words to a port of this machine, and returns the whole answer. */
export async function throughPort(port: number, words: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.end(words);
  return text(socket);
}
