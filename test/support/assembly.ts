/** Synthesizes the stack twice for all tests, which find it with `inject('assembly')` and `inject('pooledAssembly')`. */
import type { TestProject } from 'vitest/node';
import { synthesize } from '../../local/cloudformation/synthesize.ts';
import { pooledSettings, testSettings } from './settings.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder of the synthesized stack, with `testSettings`. */
    assembly: string;
    /** Folder of the synthesized stack, with `pooledSettings`. */
    pooledAssembly: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folders = await Promise.all([makeTemporaryFolder('assembly'), makeTemporaryFolder('assembly-pooled')]);
  const [folder, pooledFolder] = folders;
  await Promise.all([synthesize(testSettings, folder.path), synthesize(pooledSettings, pooledFolder.path)]);
  project.provide('assembly', folder.path);
  project.provide('pooledAssembly', pooledFolder.path);
  return async () => {
    await Promise.all(folders.map((one) => one.remove()));
  };
}
