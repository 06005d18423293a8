import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, entries } from '../../contracts/stack.ts';
import { packageRoot } from '../package-root.ts';

/** The folder of each bundle in the folder of all. */
export function bundleFolders<Name extends string>(outdir: string, names: readonly Name[]): Record<Name, string> {
  const folders = names.map((name) => [name, join(outdir, name)] as const);
  return Object.fromEntries(folders) as Record<Name, string>; // fromEntries forgets which keys it was given
}

/** The bundles of every function: the published package has them, and a checkout builds them from its sources. */
export function functionBundles(): Readonly<Record<Entry, string>> {
  const prebuilt = join(packageRoot, 'functions');
  if (existsSync(prebuilt)) return bundleFolders(prebuilt, entries);
  // A constructor cannot wait, and esbuild takes plugins in its asynchronous calls alone.
  execFileSync(process.execPath, [join(packageRoot, 'lib/functions/bundle-functions.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return bundleFolders(join(packageRoot, '.bundles'), entries);
}
