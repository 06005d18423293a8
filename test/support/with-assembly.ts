import { synthesize } from '../../local/cloudformation/synthesize.ts';
import { testSettings } from './settings.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

/** Synthesizes the stack into a temporary folder, which exists while `use` runs. */
export async function withAssembly<Result>(
  use: (assembly: string) => Promise<Result>,
  settings: Readonly<Record<string, string>> = testSettings,
): Promise<Result> {
  await using folder = await makeTemporaryFolder('assembly');
  await synthesize(settings, folder.path);
  return await use(folder.path);
}
