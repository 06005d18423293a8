/**
 * Addresses for tasks. Linux answers on all of 127.0.0.0/8, so each task gets a public address of its own out of
 * 127.77.0.0/16. Other systems know 127.0.0.1 alone.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

const first = 2;
const last = 0xfffe;

/** Nobody serves on this port: holding it on an address is how the address is claimed, across processes too. */
const claimPort = 65_022;

export interface Claim {
  readonly ip: string;
  release(): Promise<void>;
}

export class LoopbackAddresses {
  private next = first;

  /** The next free address; one that was released comes up again only after all others. Undefined where there are none. */
  async claim(): Promise<Claim | undefined> {
    for (let tried = first; tried <= last; tried += 1) {
      const ip = `127.77.${this.next >> 8}.${this.next & 0xff}`;
      this.next = this.next === last ? first : this.next + 1;
      try {
        return { ip, release: await hold(ip, claimPort) };
      } catch (error) {
        if (hasCode(error, 'EADDRNOTAVAIL')) return undefined;
        if (!hasCode(error, 'EADDRINUSE')) throw error;
      }
    }
    throw new Error(`All ${last - first + 1} addresses of 127.77.0.0/16 are taken; stop some tasks first.`);
  }
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string')
    throw new Error(`Got ${address}, expected the address of a port.`);
  return address.port;
}

/** Listens without ever serving, until the function it resolves with is called. */
async function hold(ip: string, port: number): Promise<() => Promise<void>> {
  const server = createServer((socket) => socket.destroy()).listen(port, ip);
  await once(server, 'listening');
  return async () => {
    server.close();
    await once(server, 'close');
  };
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
