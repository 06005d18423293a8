/** The owner of the program at the other end of a connection, as Linux tells it. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { endianness } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Connection, ownerIn, strangerRefusal } from '../../emulator/peer.ts';

/** The server's end of a connection from 127.0.0.9:40000 to 127.0.0.1:6001. */
const connection = { localAddress: '127.0.0.1', localPort: 6001, remoteAddress: '127.0.0.9', remotePort: 40_000 };

const heading = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (addresses: string, uid: number, inode: number) =>
  `   1: ${addresses} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 000000001f9f94f0 20 4 30 10 -1`;

const client = '0900007F:9C40 0100007F:1771';
const server = '0100007F:1771 0900007F:9C40';
const mapped = client.replaceAll(/\b0[19]00007F/g, '0000000000000000FFFF0000$&');

describe.runIf(endianness() === 'LE')('the table of sockets', () => {
  it.each<[string, string[], number | undefined]>([
    ['the row of the client', [row(server, 7, 70), row(client, 1000, 71)], 1000],
    ['the row of an IPv6 socket that holds an IPv4 connection', [row(mapped, 1000, 71)], 1000],
    ['no row but the server’s own', [row(server, 7, 70)], undefined],
    ['the row of another port', [row(client.replace('9C40', '9C41'), 1000, 71)], undefined],
    ['a closed socket, whose row says root', [row(client, 0, 0)], undefined],
    ['no row', [], undefined],
  ])('with %s', (_, rows, expected) => {
    expect(ownerIn([heading, ...rows, ''].join('\n'), connection)).toBe(expected);
  });
});

/** Connects this process to itself. @returns both ends */
async function connected(localAddress: string): Promise<{ client: Socket; atServer: Connection }> {
  const listening = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void listening.close());
  await once(listening, 'listening');
  const address = listening.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const accepted = once(listening, 'connection');
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  onTestFinished(() => void socket.destroy());
  const [atServer] = await accepted;
  return { client: socket, atServer };
}

describe.runIf(process.platform === 'linux')('a connection', () => {
  it.each(['127.0.0.1', '127.0.0.9'])('of this user from %s is accepted', async (localAddress) => {
    const { atServer } = await connected(localAddress);
    expect(strangerRefusal(atServer)).toBeUndefined();
  });

  it('that its program has closed belongs to nobody, and is refused', async () => {
    const { client: socket, atServer } = await connected('127.0.0.1');
    const { localAddress, localPort, remoteAddress, remotePort } = atServer;
    socket.destroy();
    await once(socket, 'close');
    expect(strangerRefusal({ localAddress, localPort, remoteAddress, remotePort })).toMatch(
      /^Got a connection that its program has given up, expected one of the user who runs this, with uid \d+, or of root\./,
    );
  });

  it('to an address that other machines reach is not looked at', () => {
    expect(strangerRefusal({ ...connection, localAddress: '172.18.0.1' })).toBeUndefined();
  });
});
