/** Builds the JavaScript of the package: the command, and the construct for `import` and for `require`. */
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

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

/** The command. Parts that it loads late, such as AWS's providers of credentials, stay files of their own. */
export async function buildCommand(root: string, outdir: string): Promise<void> {
  await build({
    ...forNode,
    entryPoints: [join(root, 'cli/main.ts')],
    outdir,
    format: 'esm',
    splitting: true,
    minify: true,
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
