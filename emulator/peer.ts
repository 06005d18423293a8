/** The program at the other end of a connection within this machine: whose it is, and whether it may go on. */
import { existsSync, readFileSync } from 'node:fs';
import { endianness } from 'node:os';

/**
 * Linux's tables of TCP sockets. An IPv6 socket can hold an IPv4 connection, and then stands in the second table. The first is read
 * twice, because a row can be missed while others come and go.
 * https://docs.kernel.org/networking/proc_net_tcp.html
 */
const tables = ['/proc/net/tcp', '/proc/net/tcp6', '/proc/net/tcp'];
/** Found out once: a process that runs out of file descriptors must not let everybody in. */
const hasTables = existsSync('/proc/net/tcp');

/** Both ends of a connection, as a socket has them. */
export interface Connection {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/**
 * Says why a new connection is refused: a program of another user of this machine has made it. Root's programs may connect, because
 * root may do everything anyway. Connections from other machines or containers are not looked at, and on a system without
 * these tables, such as macOS, no connection is.
 */
export function strangerRefusal(client: Connection): string | undefined {
  if (!hasTables || client.localAddress?.startsWith('127.') === false) return undefined;
  const uid = process.geteuid?.();
  const owner = ownerOf(client);
  if (owner !== undefined && (owner === 0 || owner === uid)) return undefined;
  const got =
    owner === undefined ? 'a connection that its program has given up' : `a program of the user with uid ${owner}`;
  return `Got ${got}, expected one of the user who runs this, with uid ${uid}, or of root. Start a run of your own.`;
}

/** Returns the uid of the program at the other end, or undefined if there is none. */
function ownerOf(connection: Connection): number | undefined {
  for (const table of tables) {
    const owner = ownerIn(read(table), connection);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

function read(table: string): string {
  try {
    return readFileSync(table, 'latin1');
  } catch {
    return ''; // a machine without IPv6 has no second table
  }
}

/** Finds the uid in one table. */
export function ownerIn(
  table: string,
  { localAddress, localPort, remoteAddress, remotePort }: Connection,
): number | undefined {
  for (const prefix of ['', mappedPrefix]) {
    const start = `: ${prefix}${endpoint(remoteAddress, remotePort)} ${prefix}${endpoint(localAddress, localPort)} `;
    const at = table.indexOf(start);
    if (at === -1) continue;
    const [, , , , uid, , inode] = table.slice(at + start.length).split(/\s+/, 7);
    // A socket that its program has closed has no inode, and its row says root, whoever made it.
    return inode === '0' ? undefined : Number(uid);
  }
  return undefined;
}

/** Each 32 bits of an address stand in a table as a number of this processor. */
const isLittle = endianness() === 'LE';
/** The beginning of an IPv6 address that holds an IPv4 address. */
const mappedPrefix = `${'0'.repeat(16)}${isLittle ? 'FFFF0000' : '0000FFFF'}`;

function endpoint(ip = '', port = 0): string {
  const bytes = ip.split('.').map((byte) => hex(Number(byte), 2));
  return `${(isLittle ? bytes.reverse() : bytes).join('')}:${hex(port, 4)}`;
}

const hex = (number: number, digits: number): string => number.toString(16).toUpperCase().padStart(digits, '0');
