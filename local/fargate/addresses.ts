/**
 * Addresses for tasks. Linux answers on all of 127.0.0.0/8, so each task gets a public address of its own out of
 * 127.77.0.0/16. Other systems answer on 127.0.0.1 alone.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const first = 2;
const last = 0xfffe;

/** A process claims an address by listening on this port of it, where it serves nothing. */
const claimPort = 65_022;

export interface Claim {
  readonly ip: string;
  release(): Promise<void>;
}

export class LoopbackAddresses {
  /** The first address is random. ssh would refuse a bastion at the address of an earlier run's, for its other host key. */
  #next = randomInt(first, last);

  /** The next free address. A released one comes up again only after all others. Undefined where there are none. */
  async claim(): Promise<Claim | undefined> {
    for (let attempt = first; attempt <= last; attempt += 1) {
      const ip = `127.77.${this.#next >> 8}.${this.#next & 0xff}`;
      this.#next = this.#next === last ? first : this.#next + 1;
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

/** Resolves with a TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string')
    throw new Error(`Got ${address}, expected the address of a port.`);
  return address.port;
}

/** Listens and serves nothing, until a call of the function that it resolves with. */
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
