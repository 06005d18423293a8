/** Files and folders of the command: only their owner reads them, and each is replaced as a whole. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a file beside `path` and renames it, so that a reader in another terminal sees the old text or the new one. */
export function replaceFile(path: string, text: string): void {
  makeFolder(dirname(path));
  const draft = `${path}.${crypto.randomUUID()}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

export const makeFolder = (path: string): unknown => mkdirSync(path, { recursive: true, mode: 0o700 });

/** The text of a file, or undefined when there is none. Node's asynchronous reads take longer to get going than these files to read. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));
