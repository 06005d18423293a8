/** Text for a terminal: colours, and commands that a person can paste into a shell. */
import type { styleText } from 'node:util';
import type { Endpoint } from './fargate/firewall.ts';

/** Shows text in a format of `util.styleText`, or plainly where the terminal has no colours. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** One word of a POSIX shell, quoted where its characters need it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export const sshCommand = (login: string, { host, port }: Endpoint): string =>
  `ssh -p ${port} ${shellWord(`${login}@${host}`)}`;
