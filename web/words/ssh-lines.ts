/** The lines that a person copies into a terminal. */
import { hostKeyAlias, type SessionView } from '../../contracts/api.ts';

const knownHosts = '~/.ssh/bastion_known_hosts';

/** One word of a POSIX shell, quoted where its characters need it. zsh takes `=` at the begin of a word for a program. */
const shellWord = (text: string): string =>
  /^(?!=)[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** The host keys as a known_hosts file has them. */
const knownHostsLines = (hostKeys: readonly string[]): string[] => hostKeys.map((key) => `${hostKeyAlias} ${key}`);

/**
 * Notes a bastion's host keys in a file of their own, which it replaces: an old key would stay trusted. `tee` writes it also where
 * the shell refuses `>` on a file that is there. Whoever has never used ssh has no folder for it.
 */
export const trustLine = ({ hostKeys = [] }: Pick<SessionView, 'hostKeys'>): string =>
  `mkdir -p -m 700 ~/.ssh && printf '%s\\n' ${knownHostsLines(hostKeys).map(shellWord).join(' ')} | tee ${knownHosts}`;

/** Lets ssh read the key: it refuses a file that others can read too, as browsers write them. */
export const keyLine = (fileName: string): string => `chmod 600 ${keyPath(fileName)}`;

/**
 * Logs in, if the bastion has one of these host keys. Quotes keep the shell from expanding `~`: ssh splits a path at blanks.
 * @param keyFileName of a key that this page has made. ssh picks any other key by itself.
 */
export function sshLine(session: Pick<SessionView, 'host' | 'port' | 'login'>, keyFileName?: string): string {
  const { host = '', port = 22, login = '' } = session;
  const words = [
    'ssh',
    ...(port === 22 ? [] : [`-p ${port}`]),
    ...(keyFileName === undefined ? [] : [`-i ${keyPath(keyFileName)}`, '-o IdentitiesOnly=yes']),
    `-o HostKeyAlias=${hostKeyAlias}`,
    `-o UserKnownHostsFile='${knownHosts}'`,
    '-o StrictHostKeyChecking=yes',
    shellWord(`${login}@${host}`),
  ];
  return words.join(' ');
}

const keyPath = (fileName: string): string => `~/Downloads/${fileName}`;
