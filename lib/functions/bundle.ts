/**
 * Bundles the Lambda functions with esbuild's own API. `NodejsFunction` takes no esbuild plugins, and two plugins take away two
 * thirds of every bundle, and with it half of a cold start.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import { buildOnce } from './build-once.ts';
import { bundleFolders } from './bundle-folders.ts';

export interface BundleOptions<Entry extends string> {
  /** Folder that holds one `<entry>.ts` per function. Each exports `create(environment, runtime)`, which returns the handler. */
  readonly folder: string;
  /** Module that exports `lambdaRuntime(name)`, the runtime to create a handler with. */
  readonly runtime: string;
  readonly entries: readonly Entry[];
  /** Each bundle is written to `<outdir>/<entry>/index.mjs`. */
  readonly outdir: string;
}

/** esbuild's options for a function, without the plugins. */
export const forLambda = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'silent',
} satisfies BuildOptions;

/**
 * Bundles every entry and returns the folder of each bundle. The same sources give the same bytes. A second call with unchanged
 * sources builds nothing.
 */
export async function bundle<Entry extends string>(options: BundleOptions<Entry>): Promise<Record<Entry, string>> {
  await buildOnce(options.outdir, 'inputs.json', options, {
    entryPoints: options.entries.map((entry) => ({ in: `${entryPrefix}${entry}`, out: `${entry}/index` })),
    outExtension: { '.js': '.mjs' },
    ...forLambda,
    plugins: [virtualEntries(options), pureSchemas, environmentCredentials],
  });
  return bundleFolders(resolve(options.outdir), options.entries);
}

const entryPrefix = 'entry:';

/** Makes the module that Lambda loads. Importing a function's own file reads no environment. */
const virtualEntries = ({ folder, runtime }: Pick<BundleOptions<string>, 'folder' | 'runtime'>): Plugin => ({
  name: 'virtual-entries',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${entryPrefix}`) }, ({ path }) => ({ path, namespace: 'entry' }));
    onLoad({ filter: /.*/, namespace: 'entry' }, ({ path }) => {
      const entry = path.slice(entryPrefix.length);
      const lines = [
        `import { create } from ${JSON.stringify(resolve(folder, `${entry}.ts`))};`,
        `import { lambdaRuntime } from ${JSON.stringify(resolve(runtime))};`,
        `export const handler = create(process.env, lambdaRuntime(${JSON.stringify(entry)}));`,
      ];
      return { contents: lines.join('\n'), resolveDir: resolve(folder) };
    });
  },
});

/**
 * Drops the schemas and error classes that a bundle does not use.
 *
 * A client of the SDK keeps the shapes of all its operations as top-level arrays in one file. esbuild must assume that their
 * computed keys have side effects, so it keeps every one of them: 550 kB for EC2 alone. This plugin wraps each array in a call
 * that is marked pure. esbuild then drops the arrays that no used operation refers to, and unwraps the others again.
 *
 * The same file registers every error of the service with a class of its own, which keeps them all: 40 kB for SSM. An error that
 * is not registered arrives as the service's base exception with the same name, message and members. The adapters read only those.
 */
const pureSchemas: Plugin = {
  name: 'pure-schemas',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist-es[\\/].*[\\/]?schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8'))
        .replaceAll(/^((?:export )?(?:var|const|let) [\w$]+ = )(\[.*?\]);$/gms, '$1/* @__PURE__ */ (() => $2)();')
        .replaceAll(/^\w+_registry\.registerError\(.*\);$/gm, ''),
    }));
  },
};

/**
 * Drops the SDK's search for credentials in profiles, SSO, web identities, processes and metadata services, a quarter of a
 * bundle. Lambda hands a function its credentials in environment variables and in no other way.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
const environmentCredentials: Plugin = {
  name: 'environment-credentials',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@aws-sdk[\\/]credential-provider-node[\\/]dist-es[\\/]index\.js$/ }, ({ path }) => ({
      contents: `export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';`,
      resolveDir: dirname(path),
    }));
  },
};
