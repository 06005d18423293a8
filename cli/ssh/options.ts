/**
 * The options by which ssh reaches a bastion. They stand on the command line, so they win over the person's configuration, which
 * stays in force for the rest. Host keys are always checked, against the bastion's own file alone.
 */
import { isAtLeast, type Version } from './openssh.ts';

export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly login: string;
  /** The name in `known_hosts`, which is also the name of the host on the command line. */
  readonly alias: string;
  readonly knownHosts: string;
  readonly identity: string;
}

export function bastionOptions(destination: Destination, version: Version): string[] {
  const { host, port, login, alias, knownHosts, identity } = destination;
  return [
    `HostName=${host}`,
    `Port=${port}`,
    `User=${login}`,
    `HostKeyAlias=${alias}`,
    `UserKnownHostsFile=${path(knownHosts)}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'CheckHostIP=no',
    // Records in DNS, commands and the server itself could name other keys.
    'VerifyHostKeyDNS=no',
    'UpdateHostKeys=no',
    ...(isAtLeast(version, { major: 8, minor: 5 }) ? ['KnownHostsCommand=none'] : []),
    'IdentitiesOnly=yes',
    `IdentityFile=${path(identity)}`,
    'PreferredAuthentications=publickey',
    // A connection that is shared may lead to an earlier bastion.
    'ControlMaster=no',
    'ControlPath=none',
    'ConnectTimeout=15',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=3',
  ].flatMap((option) => ['-o', option]);
}

/** ssh reads a path as words, and `%` as the begin of a token. */
const path = (text: string): string => `"${text.replaceAll('%', '%%')}"`;

/** `ProxyCommand` for a host behind the bastion. ssh gives it to a shell, after it has put in the host and the port. */
export function jumpOption(destination: Destination, version: Version, platform = process.platform): string[] {
  const words = ['ssh', ...bastionOptions(destination, version), '-W'].map((word) => word.replaceAll('%', '%%'));
  const command = [...words, '[%h]:%p', destination.alias].map((word) => shellWord(word, platform)).join(' ');
  return ['-o', `ProxyCommand=${command}`];
}

/** One word for the shell that runs a `ProxyCommand`: the person's own, or on Windows the C runtime's way to split a line. */
export function shellWord(word: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return platform === 'win32' ? `"${word.replaceAll('"', '\\"')}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
