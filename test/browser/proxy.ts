/** A forward proxy whose connections come from an address of its own, as those of a browser that has moved. */
import { createServer, request } from 'node:http';
import { listen } from '../../emulator/listen.ts';

export async function serveProxy() {
  let localAddress = '127.0.0.1';
  const server = createServer((incoming, outgoing) => {
    const { url = '', method, headers } = incoming;
    const onward = request(url, { method, headers, localAddress, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  const { url, close } = await listen(server, { port: 0, title: 'the proxy', portVariable: 'PORT' });
  return {
    url,
    moveTo(address: string) {
      localAddress = address;
    },
    [Symbol.asyncDispose]: () => close(),
  };
}
