import { isIPv4, isIPv6 } from 'node:net';

/** An IP address as a number. */
export interface Address {
  readonly version: 4 | 6;
  readonly bits: bigint;
}

/** A block of IP addresses. */
export interface Cidr {
  readonly version: 4 | 6;
  readonly network: bigint;
  readonly prefixLength: number;
  /** The canonical text, without host bits and with IPv6 compressed. Equal blocks have equal texts. */
  readonly text: string;
}

const width = { 4: 32, 6: 128 } as const;

/** Parses a CIDR block, or returns undefined. It drops host bits as AWS does: 100.68.0.18/18 becomes 100.68.0.0/18. */
export function parseCidr(text: string): Cidr | undefined {
  const [, base = '', prefix = ''] = /^([^/%]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseIp(base);
  const prefixLength = Number(prefix);
  if (address === undefined || prefixLength > width[address.version]) return undefined;
  const network = networkOf(address, prefixLength);
  return {
    version: address.version,
    network,
    prefixLength,
    text: `${formatIp(address.version, network)}/${prefixLength}`,
  };
}

/**
 * Parses the address of a peer as a socket reports it, or returns undefined. IPv4 mapped into IPv6 counts as IPv4, and a zone is
 * dropped.
 */
export function parsePeer(text: string): Address | undefined {
  const address = parseIp(text.replace(/%.*$/, ''));
  if (address?.version === 6 && address.bits >> 32n === 0xffffn)
    return { version: 4, bits: address.bits & 0xffffffffn };
  return address;
}

/** Says whether the address is in the block. */
export function contains(cidr: Cidr, address: Address): boolean {
  return cidr.version === address.version && networkOf(address, cidr.prefixLength) === cidr.network;
}

/** Returns the address at this offset in the block. */
export function addressAt(cidr: Cidr, offset: number): string {
  return formatIp(cidr.version, cidr.network + BigInt(offset));
}

function networkOf({ version, bits }: Address, prefixLength: number): bigint {
  const hostBits = BigInt(width[version] - prefixLength);
  return (bits >> hostBits) << hostBits;
}

function parseIp(text: string): Address | undefined {
  if (isIPv4(text)) return { version: 4, bits: number(text.split('.').map(Number), 8n) };
  if (!isIPv6(text)) return undefined;
  const [head = '', tail] = compressed(text).split('::');
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return { version: 6, bits: number([...before, ...zeros, ...after], 16n) };
}

function formatIp(version: 4 | 6, bits: bigint): string {
  if (version === 4) return digits(bits, 4, 8n).join('.');
  return compressed(
    digits(bits, 8, 16n)
      .map((group) => group.toString(16))
      .join(':'),
  );
}

/** Writes an IPv6 address in its canonical, compressed form, as the URL parser does. */
function compressed(ipv6: string): string {
  return new URL(`http://[${ipv6}]`).hostname.slice(1, -1);
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function number(parts: readonly number[], bitsPerPart: bigint): bigint {
  return parts.reduce((bits, part) => (bits << bitsPerPart) | BigInt(part), 0n);
}

function digits(bits: bigint, count: number, bitsPerPart: bigint): bigint[] {
  const mask = (1n << bitsPerPart) - 1n;
  return Array.from({ length: count }, (_, index) => (bits >> (BigInt(count - 1 - index) * bitsPerPart)) & mask);
}
