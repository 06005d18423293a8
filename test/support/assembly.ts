/** Synthesizes the stack once for all tests, which find it with `inject('assembly')`. */
import type { TestProject } from 'vitest/node';
import { synthesize } from '../../local/cloudformation/synthesize.ts';
import { testSettings } from './settings.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder of the synthesized stack, with `testSettings`. */
    assembly: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await makeTemporaryFolder('assembly');
  await synthesize(testSettings, folder.path);
  project.provide('assembly', folder.path);
  return () => folder.remove();
}
