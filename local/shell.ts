/** Text for a terminal: colours, and commands that a person can paste into a shell. */
import type { styleText } from 'node:util';
import { hostKeyAlias } from '../contracts/api.ts';

/** Shows text in a format of `util.styleText`, or plainly where the terminal has no colours. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** One word of a POSIX shell, quoted where its characters need it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A folder of the person, as each shell expands it in front of a word, and ssh in its options. */
const sshFolder = '~/.ssh';
const knownHosts = `${sshFolder}/bastion_known_hosts`;

/** Gets a bastion's host keys. The file changes only once they are there, and as a whole: an old key would stay trusted. */
export const hostKeysCommand = (apiUrl: string): string =>
  `curl -fsS -o ${sshFolder}/bastion.new ${apiUrl}/known_hosts && mv ${sshFolder}/bastion.new ${knownHosts}`;

/** Logs in, if the bastion has one of these host keys. Quotes keep the shell from expanding `~`: ssh splits a path at blanks. */
export function sshCommand(port: number | string, target: string): string {
  const options = [`HostKeyAlias=${hostKeyAlias}`, `UserKnownHostsFile='${knownHosts}'`, 'StrictHostKeyChecking=yes'];
  return `ssh -p ${port} ${options.map((option) => `-o ${option}`).join(' ')} ${target}`;
}
