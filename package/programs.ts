/** Builds the JavaScript of the package: the command, and the construct for `import` and for `require`. */
import { join } from 'node:path';
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

/** An ES module has no `require`, which libraries in CommonJS call for Node's own modules. Most files never call it. */
const withRequire = `import { createRequire as requireFrom } from 'node:module';
let requireHere;
const require = (name) => (requireHere ??= requireFrom(import.meta.url))(name);`;

/** Files that the command's `main` imports late. */
const late = ['command-line', 'session/proxy'];

const lateFiles: Plugin = {
  name: 'late files',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/.*\.ts$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: path.replace(/\.ts$/, '.js'), external: true } : undefined,
    ),
};

/**
 * The command. ssh waits for `main` at each connection, so it is one file without what it imports late. Parts that are loaded later
 * still, such as AWS's providers of credentials, stay files of their own.
 */
export async function buildCommand(root: string, outdir: string): Promise<void> {
  const command = { ...forNode, outdir, format: 'esm', minify: true } satisfies BuildOptions;
  const cli = join(root, 'cli');
  await build({ ...command, entryPoints: [join(cli, 'main.ts')], plugins: [lateFiles] });
  await build({
    ...command,
    entryPoints: late.map((name) => join(cli, `${name}.ts`)),
    outbase: cli,
    splitting: true,
    banner: { js: withRequire },
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
