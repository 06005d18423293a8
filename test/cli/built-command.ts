/** The command as a package would have it: bundled, so that each of its many starts in the tests is quick. */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** What `main` loads late, and what that shares, stays out of its one file: ssh waits for it at each connection. */
const late = ['command-line', 'session/proxy'];

const lateFiles: Plugin = {
  name: 'late files',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/.*\.ts$/, namespace: 'file' }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: path.replace(/\.ts$/, '.js'), external: true } : undefined,
    ),
};

/** Builds it into a new folder. @returns the path of its `bin/bastion.js` */
export async function buildCommand(folder: string): Promise<string> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await cp(join(root, 'bin/bastion.js'), join(folder, 'bin/bastion.js'));
  const options: BuildOptions = {
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  };
  const cli = join(folder, 'cli');
  await build({ ...options, entryPoints: [join(root, 'cli/main.ts')], outdir: cli, plugins: [lateFiles] });
  await build({
    ...options,
    entryPoints: late.map((name) => join(root, `cli/${name}.ts`)),
    outbase: join(root, 'cli'),
    outdir: cli,
    splitting: true,
    // Packages in CommonJS call `require`, which a module does not have.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
  return join(folder, 'bin/bastion.js');
}
