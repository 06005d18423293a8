import { join } from 'node:path';
import { type Entry, entries } from '../../contracts/stack.ts';
import { bundle } from './bundle.ts';

const lambdas = join(import.meta.dirname, '../../lambdas');

/**
 * Bundles every function of `Bastions`.
 * @param outdir folder of the bundles, which a later call with unchanged sources takes as they are
 * @returns the prop `bundles`: the folder of each bundle
 */
export const bundleFunctions = (outdir: string): Promise<Record<Entry, string>> =>
  bundle({ folder: join(lambdas, 'functions'), runtime: join(lambdas, 'runtime.ts'), entries, outdir });
