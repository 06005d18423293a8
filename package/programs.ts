/** Builds the JavaScript of the package: the command, and the construct for `import` and for `require`. */
import { chmod } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/** The oldest Node that `engines` names. */
const forNode = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions;

/**
 * Takes Node's own modules as they are. An ES module's import of one would evaluate all of its exports, such as `fs.promises`, which
 * takes longer than our own code. Libraries in CommonJS call `require`, which an ES module does not have.
 */
const plainNodeModules: Plugin = {
  name: "Node's modules as they are",
  setup: ({ onResolve, onLoad }) => {
    const namespace = 'node';
    onResolve({ filter: /^[a-z0-9:_/]+$/ }, ({ path, kind }) =>
      isBuiltin(path) && kind !== 'dynamic-import' ? { path, namespace } : undefined,
    );
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}')`,
    }));
  },
};

/** Files that the command's `main` imports late. */
const late = ['command-line', 'session/proxy', 'api/credential-chain', 'sign-in/issuer'];

const lateFiles = (cli: string): Plugin => ({
  name: 'late files',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, kind, resolveDir }) => {
      const name = relative(cli, resolve(resolveDir, path)).replace(/\.ts$/, '');
      return kind === 'dynamic-import' && late.includes(name)
        ? { path: `../cli/${name}.js`, external: true }
        : undefined;
    }),
});

const start = `
import { main } from './main.ts';
main(process.argv.slice(2), process.env).then((code) => {
  process.exitCode = code;
});`;

/**
 * The command: `bin/bastion.cjs`, and the folder `cli` with what it imports late. ssh waits for it at each connection, so it is one
 * file, and CommonJS, for which Node needs no loader of ES modules. Parts that are loaded later still, such as AWS's providers of
 * credentials, stay files of their own.
 */
export async function buildCommand(root: string, folder: string): Promise<void> {
  const command = { ...forNode, minify: true } satisfies BuildOptions;
  const cli = join(root, 'cli');
  const file = join(folder, 'bin/bastion.cjs');
  await build({
    ...command,
    stdin: { contents: start, resolveDir: cli, loader: 'ts' },
    outfile: file,
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    define: { 'import.meta.dirname': '__dirname' },
    plugins: [lateFiles(cli)],
  });
  await chmod(file, 0o755);
  await build({
    ...command,
    outdir: join(folder, 'cli'),
    format: 'esm',
    entryPoints: late.map((name) => join(cli, `${name}.ts`)),
    outbase: cli,
    splitting: true,
    plugins: [plainNodeModules],
  });
}

/** The construct. It shares the CDK of its user, and brings every other library. */
export async function buildConstruct(root: string, outdir: string): Promise<void> {
  const construct = {
    ...forNode,
    entryPoints: [join(root, 'lib/index.ts')],
    external: ['aws-cdk-lib', 'constructs'],
  } satisfies BuildOptions;
  await build({ ...construct, format: 'esm', outfile: join(outdir, 'index.js') });
  await build({
    ...construct,
    format: 'cjs',
    outfile: join(outdir, 'index.cjs'),
    define: { 'import.meta.url': 'urlOfThisFile' },
    banner: { js: "const urlOfThisFile = require('node:url').pathToFileURL(__filename).href;" },
  });
}
