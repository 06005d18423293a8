/** The project's files as the tests of `test/docs` read them. */
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** Folders that no person writes in. */
const generated = /^(node_modules|cdk\.out|\.bundles|\.local|\.package|\.git)(\/|$)/;

/** Files of the project by a pattern such as `lib/**`, as paths from its root. */
export function filesLike(...patterns: readonly string[]): string[] {
  const files = globSync([...patterns], { cwd: root, exclude: (path) => generated.test(path) });
  return files.filter((path) => !generated.test(path)).sort();
}

/** Every document. */
export const documents = filesLike('*.md', '*/**/*.md', '.github/**/*.md');

export const textOf = (file: string): Promise<string> => readFile(join(root, file), 'utf8');
