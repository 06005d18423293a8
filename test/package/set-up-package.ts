/** Packs the package once for all tests, which find the tarball with `inject('tarball')`. */
import type { TestProject } from 'vitest/node';
import { pack } from '../../package/pack.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the package's tarball. */
    tarball: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await makeTemporaryFolder('package');
  const { file } = await pack(folder.path);
  project.provide('tarball', file);
  return () => folder.remove();
}
