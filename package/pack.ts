import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { packageRoot } from '../lib/package-root.ts';
import { stage } from './stage.ts';

const report = v.object({
  filename: v.string(),
  size: v.number(),
  unpackedSize: v.number(),
  entryCount: v.number(),
});

export interface Packed extends v.InferOutput<typeof report> {
  /** Path of the tarball. */
  readonly file: string;
}

/**
 * Makes the tarball of the package.
 * @param folder of the tarball, and of the folder `package` that it is made from
 */
export async function pack(folder = join(packageRoot, '.package')): Promise<Packed> {
  const staging = join(folder, 'package');
  await stage(packageRoot, staging);
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: staging,
  });
  const json: unknown = JSON.parse(stdout);
  // npm 11 prints a list, and newer versions an object by the package's name.
  const [packed] = Array.isArray(json) ? json : Object.values(Object(json));
  const parsed = v.parse(report, packed);
  return { ...parsed, file: join(folder, parsed.filename) };
}
