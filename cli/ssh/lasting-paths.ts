/**
 * Paths that outlive an update. ssh's configuration names Node and the command by their paths for months, while version managers,
 * package managers and npx keep both in folders that they remove.
 */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Environment } from '../state/places.ts';

/** A cache of a program that runs packages without installing them: npx, pnpm dlx, yarn dlx, bunx. */
const cacheFolder = /[\\/](_npx|dlx(-[^\\/]*)?|xfs-[^\\/]*|bunx-[^\\/]*)[\\/]/;

/** A folder of one version: `v24.1.0`, `node-v24.1.0-linux-x64`, `bastion-on-demand@0.1.0`. An update makes another. */
const versionFolder = /[\\/][^\\/]*\d+\.\d+\.\d+[^\\/]*[\\/]/;

/** fnm gives each shell a folder of its own. */
const shellFolder = /[\\/]fnm_multishells[\\/]/;

export const isCached = (path: string): boolean => cacheFolder.test(path);

/** Whether the next update or the end of a shell may remove the path. */
export const isPassing = (path: string): boolean =>
  isCached(path) || versionFolder.test(path) || shellFolder.test(path);

/**
 * The path under which a file stays when its version changes, if there is one.
 * @param file its path now
 * @param others more paths that may lead to it, such as the one that it was called by
 * @param name its name in the folders of PATH
 */
export function lastingPath(file: string, others: readonly string[], name: string, env: Environment): string {
  const real = realpathSync(file);
  if (!isPassing(real)) return real;
  const folders = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const candidates = [...others, ...folders.map((folder) => join(folder, name))];
  return candidates.find((path) => !isPassing(path) && existsSync(path) && realpathSync(path) === real) ?? real;
}
