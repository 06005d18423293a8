/** The command as a package would have it: bundled, so that each of its many starts in the tests is quick. */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** Builds it into a new folder. @returns the path of its `bin/bastion.js` */
export async function buildCommand(folder: string): Promise<string> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await cp(join(root, 'bin/bastion.js'), join(folder, 'bin/bastion.js'));
  await build({
    entryPoints: [join(root, 'cli/main.ts')],
    outdir: join(folder, 'cli'),
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    // Packages in CommonJS call `require`, which a module does not have.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
  return join(folder, 'bin/bastion.js');
}
