/** Free ports of this machine. */
import { createServer } from 'node:net';
import { hasCode } from '../state/files.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import type { Forward } from './forwards.ts';

/** Ports that only root may open begin here when a person wants them. */
const unprivileged = 10_000;
/** As many ports in a row may be taken. */
const mostTaken = 100;

/** Gives each forward a free port. */
export async function withFreePorts(forwards: readonly Forward[]): Promise<Forward[]> {
  const placed: Forward[] = [];
  for (const forward of forwards) {
    const taken = placed.map(({ localPort }) => localPort);
    placed.push({ ...forward, localPort: await freePort(forward.localPort, taken) });
  }
  return placed;
}

async function freePort(wanted: number, taken: readonly number[]): Promise<number> {
  let port = wanted;
  for (let tries = 0; tries <= mostTaken && port <= 65_535; tries += 1) {
    const outcome = taken.includes(port) && port !== 0 ? 'taken' : await bind(port);
    if (typeof outcome === 'number') return outcome;
    port = outcome === 'denied' ? unprivileged + port : port + 1;
  }
  throw new CliError(
    `The ports from ${wanted} on are taken, expected a free one. Name another: LOCAL:HOST:PORT.`,
    exitCodes.failed,
  );
}

/** Takes the port for a moment. @returns its number, or why it cannot be had */
function bind(port: number): Promise<number | 'taken' | 'denied'> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (hasCode(error, 'EADDRINUSE')) resolve('taken');
      else if (hasCode(error, 'EACCES')) resolve('denied');
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
