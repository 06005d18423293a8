/**
 * The lines of ssh_config that make `ssh bastion`, and every program that runs ssh, start the bastion and enter it.
 * `Match exec` stands in front: ssh waits for it before it counts `ConnectTimeout`, which editors set to 15 s. The proxy behind it
 * finds the bastion on disk, and tells the errors.
 */
import type { Version } from './openssh.ts';
import { type Trust, trustOptions } from './options.ts';
import { commandLine, execWord, includeWord } from './words.ts';

export interface SshConfig extends Trust {
  /** The name in `ssh <host>`. */
  readonly host: string;
  /** Absolute path of Node. */
  readonly node: string;
  /** Absolute path of the command's program. */
  readonly program: string;
  /** Absolute path of the file with the deployment's settings. */
  readonly settings: string;
  /** Absolute path of the file with the lines that each start replaces. */
  readonly sessionOptions: string;
}

/** The first line, by which the command knows its own file again. */
export const ownHeader =
  '# "bastion ssh-config --install" writes this file, and "bastion ssh-config --uninstall" removes it.';

export function sshConfigText(config: SshConfig, version: Version, platform: NodeJS.Platform): string {
  const rows = [
    ['Include', includeWord(portable(config.sessionOptions, platform))],
    ['ProxyCommand', `${ownCommand(config, platform, config.node, 'proxy')} %n`],
    ...trustOptions({ ...config, knownHosts: portable(config.knownHosts, platform) }, version),
    ['ConnectTimeout', '90'],
    ...(platform === 'win32' ? [] : sharing),
  ];
  return [
    ownHeader,
    ...startLines(config, version, platform),
    '',
    `Host ${config.host}`,
    ...rows.map(([name, value]) => `  ${name} ${value}`),
    '',
  ].join('\n');
}

/** The file that is included names the `ControlPath`. Without one there ssh shares no connection. */
const sharing = [
  ['ControlMaster', 'auto'],
  ['ControlPersist', '5m'],
] as const;

/** The lines by which ssh starts a bastion first. An OpenSSH that cannot read the command gets none, and waits in the proxy. */
function startLines(config: SshConfig, version: Version, platform: NodeJS.Platform): string[] {
  // Windows has no quotes but those that end the argument. Node's installer puts Node on the path.
  const node = platform === 'win32' && /\s/.test(config.node) ? 'node' : config.node;
  const exec = execWord(ownCommand(config, platform, node, 'up', ['--if-needed', '--quiet']), version);
  return exec === undefined ? [] : ['', `Match host ${config.host} exec ${exec}`];
}

function ownCommand(
  { program, settings }: SshConfig,
  platform: NodeJS.Platform,
  node: string,
  name: string,
  options: readonly string[] = [],
): string {
  const words = [node, program, name, '--config', settings].map((word) => portable(word, platform));
  return commandLine([...words, ...options], platform);
}

/** Windows takes slashes too, which no parser reads as escapes. */
const portable = (path: string, platform: NodeJS.Platform): string =>
  platform === 'win32' ? path.replaceAll('\\', '/') : path;
