/** Local ports that lead to hosts behind the bastion. */
import { createServer } from 'node:net';
import { hasCode } from '../state/files.ts';
import { CliError, exitCodes, usageError } from '../terminal/errors.ts';

/** A wish: the port on this machine is the wanted one or the next free one. */
export interface Forward {
  /** As the person typed it, or the name in `bastion.json`. */
  readonly name: string;
  readonly localPort: number;
  readonly host: string;
  readonly port: number;
}

/** Ports that only root may open begin here when a person wants them. */
const unprivileged = 10_000;
/** As many ports in a row may be taken. */
const mostTaken = 100;

/** Reads `HOST:PORT` or `LOCAL:HOST:PORT`, where an IPv6 address stands in brackets, or a name of `tunnels`. */
export function parseForward(text: string, tunnels: Readonly<Record<string, string>>): Forward {
  const spec = Object.hasOwn(tunnels, text) ? (tunnels[text] ?? '') : text;
  const [, local, bracketed, plain, port] = /^(?:(\d+):)?(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)):(\d+)$/.exec(spec) ?? [];
  const host = bracketed ?? plain;
  const [remotePort, localPort] = [Number(port), Number(local ?? port)];
  if (host !== undefined && isPort(remotePort) && (isPort(localPort) || localPort === 0)) {
    return { name: text, localPort, host, port: remotePort };
  }
  const names = Object.keys(tunnels);
  const known = names.length === 0 ? 'bastion.json names no tunnels' : `bastion.json names ${names.join(', ')}`;
  throw usageError(`tunnel: got "${spec}", expected HOST:PORT, LOCAL:HOST:PORT or a name. ${known}.`);
}

const isPort = (port: number): boolean => port >= 1 && port <= 65_535;

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
  for (let tries = 0; tries <= mostTaken && (port === 0 || isPort(port)); tries += 1) {
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

/** The argument of ssh's `-L`. */
export const forwardArgument = ({ localPort, host, port }: Forward): string =>
  `127.0.0.1:${localPort}:${host.includes(':') ? `[${host}]` : host}:${port}`;
