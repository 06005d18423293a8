/**
 * Words for the two readers of what we give to ssh: ssh's own parser, and the shell to which ssh gives a command. In both a `%`
 * begins a token of ssh.
 */
import { isAtLeast, type Version } from './openssh.ts';

/** One word for the shell that runs a command: the person's own, or on Windows the C runtime's way to split a line. */
export function shellWord(word: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return platform === 'win32' ? `"${word.replaceAll('"', '\\"')}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line for the shell, in which ssh reads no token. */
export const commandLine = (words: readonly string[], platform: NodeJS.Platform): string =>
  words.map((word) => shellWord(word, platform).replaceAll('%', '%%')).join(' ');

/** The words of a command line that `commandLine` has made. */
export function wordsOf(line: string, platform: NodeJS.Platform): string[] {
  const word = platform === 'win32' ? /(?:"(?:\\"|[^"])*"|[^\s"])+/g : /(?:'[^']*'|\\.|[^\s'\\])+/g;
  const quotes = platform === 'win32' ? /\\(")|"/g : /'([^']*)'|\\(.)/g;
  return (line.match(word) ?? []).map((one) =>
    one
      .replaceAll(quotes, (_all, first = '', second = '') => `${first}${platform === 'win32' ? '' : second}`)
      .replaceAll('%%', '%'),
  );
}

/** A path as the value of an option. */
export const pathWord = (path: string): string => `"${path.replaceAll('%', '%%').replaceAll(/["\\]/g, '\\$&')}"`;

/**
 * A path for `Include`, which takes it for a pattern. OpenSSH 9.9 began to read tokens in it, so a character that would need an
 * escape in some version gives its place to `?`.
 */
export const includeWord = (path: string): string => `"${path.replaceAll(/[^\w./+@:,= -]/gu, '?')}"`;

/**
 * The argument of `Match exec`. Until OpenSSH 9.8 it ends at the next quote and knows no escape.
 * @returns undefined for a command that cannot be written so
 */
export function execWord(command: string, version: Version): string | undefined {
  if (isAtLeast(version, { major: 9, minor: 9 })) return `"${command.replaceAll(/["\\]/g, '\\$&')}"`;
  return command.includes('"') ? undefined : `"${command}"`;
}
