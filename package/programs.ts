/** Builds the JavaScript of the package: the command, and the construct for `import` and for `require`. */
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
const late = ['command-line', 'session/proxy', 'api/credential-chain'];

const lateFiles = (cli: string): Plugin => ({
  name: 'late files',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, kind, resolveDir }) => {
      const name = relative(cli, resolve(resolveDir, path)).replace(/\.ts$/, '');
      return kind === 'dynamic-import' && late.includes(name) ? { path: `./${name}.js`, external: true } : undefined;
    }),
});

/**
 * The command. ssh waits for `main` at each connection, so it is one file without what it imports late. Parts that are loaded later
 * still, such as AWS's providers of credentials, stay files of their own.
 */
export async function buildCommand(root: string, outdir: string): Promise<void> {
  const command = { ...forNode, outdir, format: 'esm', minify: true } satisfies BuildOptions;
  const cli = join(root, 'cli');
  await build({ ...command, entryPoints: [join(cli, 'main.ts')], plugins: [lateFiles(cli), plainNodeModules] });
  await build({
    ...command,
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
