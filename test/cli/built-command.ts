/** The command as the package has it: bundled, so that each of its many starts in the tests is quick. */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCommand as buildProgram } from '../../package/programs.ts';

const root = join(import.meta.dirname, '../..');

/** Builds it into a new folder. @returns the path of its `bin/bastion.js` */
export async function buildCommand(folder: string): Promise<string> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  for (const file of ['package.json', 'bin/bastion.js']) await cp(join(root, file), join(folder, file));
  await buildProgram(root, join(folder, 'cli'));
  return join(folder, 'bin/bastion.js');
}
