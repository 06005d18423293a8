/** Requests of the command to peers that say nothing. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { send } from '../../cli/api/http.ts';

const requestTo = (scheme: 'http' | 'https', server: Server) => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: new URL(`${scheme}://127.0.0.1:${port}/`), method: 'GET', headers: {} };
};

async function listening<Listener extends Server>(server: Listener) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, [Symbol.asyncDispose]: async () => void server.close() };
}

describe('a request', () => {
  it('whose peer says nothing about TLS ends long before a reply would be late', async () => {
    await using silent = await listening(createServer((socket) => socket.on('error', () => {})));
    await expect(send(requestTo('https', silent.server), 60_000, { connectMs: 100 })).rejects.toThrow(
      /^got no connection in 0.1 s$/,
    );
  });

  it('whose peer accepts it and never answers ends when its time is up', async () => {
    await using silent = await listening(createHttpServer(() => {}));
    await expect(send(requestTo('http', silent.server), 100)).rejects.toThrow(/^got no reply in 0.1 s$/);
  });

  it('whose reply stops half way ends when its time is up', async () => {
    await using half = await listening(createHttpServer((_request, response) => void response.write('{')));
    await expect(send(requestTo('http', half.server), 100)).rejects.toThrow(/^got no reply in 0.1 s$/);
  });

  it('whose peer closes half way fails with the reason', async () => {
    const server = createHttpServer((_request, response) => response.write('{', () => response.destroy()));
    await using closing = await listening(server);
    await expect(send(requestTo('http', closing.server), 60_000)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  });

  it('whose reply does not end fails before it fills the memory', async () => {
    const server = createHttpServer((_request, response) => {
      const part = Buffer.alloc(1_000_000, 'x');
      const write = () => response.write(part, (error) => error || write());
      write();
    });
    await using endless = await listening(server);
    await expect(send(requestTo('http', endless.server), 60_000)).rejects.toThrow(
      'got more than 8 MB, expected a few kilobytes',
    );
  });
});
