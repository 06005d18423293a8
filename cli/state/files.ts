/** Files and folders of the command: only their owner reads them, and each is replaced as a whole. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  lchownSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  type Stats,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CliError, exitCodes } from '../terminal/errors.ts';
import { systemSentence } from '../terminal/system-errors.ts';

/**
 * Writes a file beside `path` and renames it, so that a reader in another terminal sees the old text or the new one.
 * @param mode Default: its owner alone reads it
 */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o600): void {
  const folder = dirname(path);
  const draft = `${path}.${crypto.randomUUID()}`;
  try {
    makeFolder(folder);
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeAll(file, Buffer.from(content));
      if (mode !== 0o600) fchmodSync(file, mode);
      const heir = heirOf(folder);
      if (heir !== undefined) fchownSync(file, heir.uid, heir.gid);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    removeDraft(draft);
    throw withAdvice(error, path);
  }
}

/** The system's own errors seldom name the file, and say nothing to do. @returns other errors as they are */
export function withAdvice(error: unknown, path: string): unknown {
  const sentence = error instanceof Error ? systemSentence(error, path) : undefined;
  return sentence === undefined ? error : new CliError(sentence, exitCodes.failed, { cause: error });
}

/** The error that made the draft useless says enough. */
function removeDraft(draft: string): void {
  try {
    unlinkSync(draft);
  } catch {}
}

function writeAll(file: number, content: Buffer): void {
  for (let written = 0; written < content.length; ) written += writeSync(file, content, written);
}

/** Makes a folder, and those above it that are missing. Node's own way to do both never ends below `/proc`. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return; // another terminal was quicker
    throw withAdvice(error, path);
  }
  giveToHeir(path, parent);
}

/** @throws CliError if no file can be written in a folder, or in the nearest one above it if it is not there */
export function checkWritable(folder: string): void {
  const there = nearestThere(folder);
  try {
    if (!statSync(there).isDirectory()) throw systemError('ENOTDIR', 'not a directory');
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw withAdvice(error, there);
  }
}

/** @throws CliError as `checkWritable`, and if the disk has no room at all */
export function checkRoom(folder: string): void {
  checkWritable(folder);
  const there = nearestThere(folder);
  const { bavail, blocks } = statfsSync(there);
  if (bavail === 0 && blocks > 0) throw withAdvice(systemError('ENOSPC', 'no space left on device'), there);
}

const nearestThere = (path: string): string => (existsSync(path) ? path : nearestThere(dirname(path)));

const systemError = (code: string, words: string): Error => Object.assign(new Error(`${code}: ${words}`), { code });

/** Removes a file, if it is there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw withAdvice(error, path);
  }
}

/** Gives what root has made in a folder to the owner of that folder. */
export function giveToHeir(path: string, folder: string): void {
  const heir = heirOf(folder);
  if (heir !== undefined) lchownSync(path, heir.uid, heir.gid);
}

/** Under sudo with a person's HOME the command runs as root. A file of root's would lock the person out later. */
function heirOf(folder: string): Stats | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(folder);
  return owner.uid === 0 ? undefined : owner;
}

/** The text of a file, or undefined when there is none. Node's asynchronous reads take longer to get going than these files to read. */
export function readIfThere(path: string): string | undefined {
  return bytesIfThere(path)?.toString('utf8');
}

export function bytesIfThere(path: string): Buffer | undefined {
  try {
    // An error takes Node longer to make than a look for the file.
    return existsSync(path) ? readFileSync(path) : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw withAdvice(error, path);
  }
}

export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));
