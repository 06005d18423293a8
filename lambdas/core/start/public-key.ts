/** OpenSSH public keys as a line of `authorized_keys` without options: type, base64 part, comment. */
import { InvalidRequest } from '../session/errors.ts';
import { hasInvisible, shown } from '../session/shown.ts';
import { keyTypes, problemOf } from './key-blob.ts';
import { isPrivateKey, otherFormatOf } from './other-formats.ts';

const mostLineCharacters = 8192;

/**
 * Returns type and base64 part of the one key in `text`, without its comment. Ignores blank lines and lines that begin with `#`.
 * Throws `InvalidRequest` with the problem, for everything that OpenSSH itself would refuse.
 * @param name the key's name in messages
 */
export function parsePublicKey(text: string, name = 'The public key'): string {
  const invalid = (problem: string) => new InvalidRequest(`${name} can't be used: ${problem}.`);
  refusePrivateKey(text, name);
  const format = otherFormatOf(text);
  if (format) throw invalid(`its format is ${format.name}, expected OpenSSH's. ${format.advice}`);

  const lines = linesOf(text);
  const [line] = lines;
  if (line === undefined) throw invalid('it is empty');
  if (lines.length > 1) {
    throw invalid(
      isWrapped(lines)
        ? `it is wrapped over ${lines.length} lines, expected one line. Join them without blanks`
        : `it has ${lines.length} lines, expected one key on one line`,
    );
  }
  if (line.length > mostLineCharacters) {
    throw invalid(`it has ${line.length} characters, expected at most ${mostLineCharacters}`);
  }

  const [type = '', base64 = '', ...comment] = line.split(/[ \t]+/);
  if (!keyTypes.includes(type)) {
    throw invalid(
      [base64, ...comment].some((word) => keyTypes.includes(word))
        ? 'it has options in front of the key. Send the key alone'
        : `"${shown(type)}" is no key type accepted here, expected one of ${keyTypes.join(', ')}`,
    );
  }
  const problem = problemOf(type, base64);
  if (problem !== undefined)
    throw invalid(hasInvisible(base64) ? `it has invisible characters: "${shown(base64)}"` : problem);
  return `${type} ${base64}`;
}

/** Throws `InvalidRequest` with a warning when the text holds a private key, in any format. */
export function refusePrivateKey(text: string, name = 'The public key'): void {
  if (!isPrivateKey(text)) return;
  throw new InvalidRequest(
    `${name} can't be used: it is a private key, and it has left your machine. Replace this key, and send the .pub file of the new one.`,
  );
}

function linesOf(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** True when the lines are one key that a mail program or a terminal has broken. */
function isWrapped(lines: readonly string[]): boolean {
  if (lines.slice(1).some((line) => keyTypes.includes(line.split(/[ \t]/)[0] ?? ''))) return false; // several keys
  const [type = '', base64 = ''] = lines.join('').split(/[ \t]+/);
  const [firstType = ''] = (lines[0] ?? '').split(/[ \t]+/);
  if (keyTypes.includes(type)) return problemOf(type, base64) === undefined;
  return (
    keyTypes.includes(firstType) && problemOf(firstType, lines.join('').slice(firstType.length).trim()) === undefined
  );
}
