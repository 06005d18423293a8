/** Synthesizes the stack once for all tests that run it; they find it with `inject('assembly')`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesize } from '../../local/cloudformation/synthesize.ts';
import { testSettings } from './settings.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Directory of the synthesized stack, with `admins` as given here and every other setting at its default. */
    assembly: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'assembly-'));
  await synthesize(testSettings, directory);
  project.provide('assembly', directory);
  return () => rm(directory, { recursive: true });
}
