/**
 * The options by which ssh reaches a bastion. They stand on the command line, so they win over the person's configuration, which
 * stays in force for the rest. Host keys are always checked, against the bastion's own file alone.
 */
import { isAtLeast, type Version } from './openssh.ts';
import { commandLine, pathWord } from './words.ts';

export interface Trust {
  /** The bastion's name in `known_hosts`. */
  readonly alias: string;
  readonly knownHosts: string;
}

export interface Destination extends Trust {
  readonly host: string;
  readonly port: number;
  readonly login: string;
  readonly identity: string;
}

type Option = readonly [name: string, value: string];

/** How ssh knows the bastion, and notices that it is gone. */
export const trustOptions = ({ alias, knownHosts }: Trust, version: Version): readonly Option[] => [
  ['HostKeyAlias', alias],
  ['UserKnownHostsFile', pathWord(knownHosts)],
  ['GlobalKnownHostsFile', '/dev/null'],
  ['StrictHostKeyChecking', 'yes'],
  ['CheckHostIP', 'no'],
  // It would switch the check off for the local run.
  ['NoHostAuthenticationForLocalhost', 'no'],
  // Records in DNS, commands and the server itself could name other keys.
  ['VerifyHostKeyDNS', 'no'],
  ['UpdateHostKeys', 'no'],
  ...(isAtLeast(version, { major: 8, minor: 5 }) ? ([['KnownHostsCommand', 'none']] as const) : []),
  // A bastion refuses both, so only a foreign server would use them: a bastion.json can name any API.
  ['ForwardAgent', 'no'],
  ['ForwardX11', 'no'],
  ['IdentitiesOnly', 'yes'],
  ['PreferredAuthentications', 'publickey'],
  ['ServerAliveInterval', '15'],
  ['ServerAliveCountMax', '3'],
];

/** Arguments of ssh. The alias is also the name of the host on the command line. */
export function bastionOptions(destination: Destination, version: Version): string[] {
  const { host, port, login, identity } = destination;
  const options: readonly Option[] = [
    ['HostName', host],
    ['Port', `${port}`],
    ['User', login],
    ['IdentityFile', pathWord(identity)],
    ...trustOptions(destination, version),
    // A connection that is shared may lead to an earlier bastion.
    ['ControlMaster', 'no'],
    ['ControlPath', 'none'],
    ['ConnectTimeout', '15'],
    // ssh in the background outlives the command that has started it. `-f` still works.
    ...(isAtLeast(version, { major: 8, minor: 7 }) ? ([['ForkAfterAuthentication', 'no']] as const) : []),
  ];
  return options.flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** `ProxyCommand` for a host behind the bastion. ssh gives it to a shell, after it has put in the host and the port. */
export function jumpOption(destination: Destination, version: Version, platform = process.platform): string[] {
  const words = ['ssh', ...bastionOptions(destination, version), '-W'];
  const target = platform === 'win32' ? '[%h]:%p' : "'[%h]:%p'";
  return ['-o', `ProxyCommand=${commandLine(words, platform)} ${target} ${destination.alias}`];
}
