/**
 * Gives each run of the tests a temporary directory of its own, and removes it at the end. Fails the run if a test has left
 * a folder of its own in it.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Each `App` of CDK writes its assembly into the temporary directory and has no way to remove it. npm keeps its compiled code there. */
const isOfTools = (name: string): boolean => name.startsWith('cdk.out') || name === 'node-compile-cache';

export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'bastion-tests-'));
  process.env.TMPDIR = folder; // the workers, and all programs that tests start, inherit it
  return async () => {
    const leftovers = (await readdir(folder)).filter((name) => !isOfTools(name));
    await rm(folder, { recursive: true });
    if (leftovers.length > 0)
      throw new Error(
        `Got ${leftovers.length} leftovers of the tests in the temporary directory (${leftovers.join(', ')}), expected none. Make each folder with makeTemporaryFolder (test/support/temporary-folder.ts), which removes it.`,
      );
  };
}
