/** Local ports that lead to hosts behind the bastion: their texts, and what ssh makes of them. */
import { usageError } from '../terminal/errors.ts';

/** A tunnel as the person names it. */
export interface Tunnel {
  /** As the person typed it, or the name in `bastion.json`. */
  readonly name: string;
  /** The port on this machine. 0 takes any, and undefined that of the place. */
  readonly localPort: number | undefined;
  /** `rds` and `cache` have ids in the person's AWS account. */
  readonly place: { readonly host: string; readonly port: number } | { readonly service: Service; readonly id: string };
}

export type Service = 'rds' | 'cache';

/** A port on this machine that leads to one host behind the bastion, or as a SOCKS proxy to every one. */
export type Forward = HostForward | SocksForward;

interface LocalPort {
  readonly name: string;
  /** A wish: ssh gets this one or the next free one. */
  readonly localPort: number;
}

export interface HostForward extends LocalPort {
  readonly kind: 'host';
  readonly host: string;
  readonly port: number;
  /** The engine of a database or a cache, where AWS has named it. */
  readonly engine?: string;
}

export interface SocksForward extends LocalPort {
  readonly kind: 'socks';
}

/** Reads `HOST:PORT`, `rds:ID`, `cache:ID`, or one of them behind `LOCAL:`, or a name of `tunnels`. An IPv6 address stands in brackets. */
export function parseTunnel(text: string, tunnels: Readonly<Record<string, string>>): Tunnel {
  const spec = Object.hasOwn(tunnels, text) ? (tunnels[text] ?? '') : text;
  const [, local, rest = spec] = /^(\d{1,5}):(.*)$/.exec(spec) ?? [];
  const place = placeIn(rest);
  const localPort = local === undefined ? undefined : Number(local);
  if (place !== undefined && (localPort === undefined || localPort <= 65_535)) return { name: text, localPort, place };
  const names = Object.keys(tunnels);
  const known = names.length === 0 ? 'bastion.json names no tunnels' : `bastion.json names ${names.join(', ')}`;
  throw usageError(
    `tunnel: got "${spec}", expected HOST:PORT, rds:ID, cache:ID, the same behind LOCAL:, or a name. ${known}.`,
  );
}

/** ElastiCache and RDS let an id begin with a letter alone, so `rds:5432` is a host. */
function placeIn(text: string): Tunnel['place'] | undefined {
  const [, service, id] = /^(rds|cache):([A-Za-z][A-Za-z0-9-]{0,62})$/.exec(text) ?? [];
  if (id !== undefined && (service === 'rds' || service === 'cache')) return { service, id };
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = Number(port);
  return host !== undefined && !host.startsWith('-') && number >= 1 && number <= 65_535
    ? { host, port: number }
    : undefined;
}

/** The arguments of ssh that open it. */
export function forwardArguments(forward: Forward): readonly [option: string, value: string] {
  const local = `127.0.0.1:${forward.localPort}`;
  if (forward.kind === 'socks') return ['-D', local];
  const { host, port } = forward;
  return ['-L', `${local}:${host.includes(':') ? `[${host}]` : host}:${port}`];
}
