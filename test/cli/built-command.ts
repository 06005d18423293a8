/** The command as the package has it: bundled, so that each of its many starts in the tests is quick. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCommand as buildProgram } from '../../package/programs.ts';

const root = join(import.meta.dirname, '../..');

/** Builds it into a new folder. @returns the path of its `bin/bastion.cjs` */
export async function buildCommand(folder: string): Promise<string> {
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await buildProgram(root, folder);
  return join(folder, 'bin/bastion.cjs');
}
