import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { strangerRefusal } from './peer.ts';

interface GuardOptions {
  /** Whether the pages that the server itself has sent may call it. Default false. */
  readonly allowsOwnPages?: boolean;
  /** Whether a page of another origin may call it. Default: none may. */
  readonly allowsPage?: (origin: string) => boolean;
}

/**
 * Guards a server of this machine. Returns a function that says why a request is refused, and returns undefined for any other.
 *
 * A browser lets every page send requests to this machine. `Host` gives away a page whose own name was pointed at it. `Origin`
 * gives away each other page that wants to change something: browsers leave it out of reads alone, such as an image's or a
 * link's. A page does not see the answer to such a read, and a GET changes nothing on a guarded server.
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin
 */
export function guard(server: Server, { allowsOwnPages = false, allowsPage = () => false }: GuardOptions = {}) {
  const refusedSockets = new WeakMap<Socket, string>();
  server.on('connection', (socket) => {
    const refusal = strangerRefusal(socket);
    if (refusal !== undefined) refusedSockets.set(socket, refusal);
  });
  return (request: IncomingMessage): string | undefined =>
    refusedSockets.get(request.socket) ?? hostRefusal(request) ?? originRefusal(request, allowsOwnPages, allowsPage);
}

function hostRefusal(request: IncomingMessage): string | undefined {
  const { host = [] } = request.headersDistinct;
  const names = ownNames(request.socket);
  const ownHosts = names.map((name) => `${name}:${request.socket.localPort}`);
  if (isOne(host, [...names, ...ownHosts])) return undefined;
  return `Host: got ${shown(host)}, expected ${ownHosts.join(' or ')}.`;
}

function originRefusal(
  request: IncomingMessage,
  allowsOwnPages: boolean,
  allowsPage: (origin: string) => boolean,
): string | undefined {
  const { origin = [] } = request.headersDistinct;
  if (origin.length === 0 || (origin.length === 1 && origin.every(allowsPage))) return undefined;
  if (!allowsOwnPages) return `Origin: got ${shown(origin)}, expected none. No web page may call this port.`;
  const own = ownNames(request.socket).map((name) => new URL(`http://${name}:${request.socket.localPort}`).origin);
  if (isOne(origin, own)) return undefined;
  return `Origin: got ${shown(origin)}, expected none or ${own.join(' or ')}. No other web page may call this port.`;
}

/** The names of the address at which a client has found the server. */
const ownNames = ({ localAddress = '' }: Socket): string[] =>
  localAddress === '127.0.0.1' ? [localAddress, 'localhost'] : [localAddress];

const isOne = ([value, ...others]: readonly string[], accepted: readonly string[]): boolean =>
  value !== undefined && others.length === 0 && accepted.includes(value.toLowerCase());

const shown = (values: readonly string[]): string =>
  values.length === 0 ? 'nothing' : values.map((value) => JSON.stringify(value.slice(0, 100))).join(' and ');
