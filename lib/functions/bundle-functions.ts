/** Bundles the functions of a checkout into `.bundles`. Run by itself, it does nothing else. */
import { join } from 'node:path';
import { type Entry, entries } from '../../contracts/stack.ts';
import { packageRoot } from '../package-root.ts';
import { bundle } from './bundle.ts';
import { bundlePage } from './bundle-page.ts';

const lambdas = join(packageRoot, 'lambdas');

/**
 * Bundles every function of `Bastions`, and the page beside the function that sends it.
 * @param outdir folder of the bundles, which a later call with unchanged sources takes as they are
 * @returns the prop `bundles`: the folder of each bundle
 */
export async function bundleFunctions(outdir = join(packageRoot, '.bundles')): Promise<Record<Entry, string>> {
  const [folders] = await Promise.all([
    bundle({ folder: join(lambdas, 'functions'), runtime: join(lambdas, 'runtime.ts'), entries, outdir }),
    bundlePage(outdir),
  ]);
  return folders;
}

if (import.meta.main) await bundleFunctions();
