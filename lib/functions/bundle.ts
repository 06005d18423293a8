/**
 * Bundles the Lambda functions with esbuild's own API, because `NodejsFunction` takes no esbuild plugins and two of them
 * take away two thirds of every bundle, and with it half of a cold start.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

export interface BundleOptions<Entry extends string> {
  /** Folder that holds one `<entry>.ts` per function. */
  readonly folder: string;
  readonly entries: readonly Entry[];
  /** Each bundle is written to `<outdir>/<entry>/index.mjs`. */
  readonly outdir: string;
}

/** How a function is bundled, but for the plugins. */
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

/** The folder of each entry's bundle. The same sources give the same bytes. */
export async function bundle<Entry extends string>(options: BundleOptions<Entry>): Promise<Record<Entry, string>> {
  const outdir = resolve(options.outdir);
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(
      options.entries.map((entry) => [`${entry}/index`, join(options.folder, `${entry}.ts`)]),
    ),
    outdir,
    outExtension: { '.js': '.mjs' },
    ...forLambda,
    write: false,
    plugins: [pureSchemas, environmentCredentials],
  });
  await Promise.all(outputFiles.map((file) => writeAtomically(outdir, file.path, file.contents)));
  return bundleFolders(outdir, options.entries);
}

/** Where `bundle` puts them. */
export function bundleFolders<Entry extends string>(outdir: string, entries: readonly Entry[]): Record<Entry, string> {
  const folders = entries.map((entry) => [entry, join(outdir, entry)] as const);
  return Object.fromEntries(folders) as Record<Entry, string>; // fromEntries forgets which keys it was given
}

/**
 * A client of the SDK keeps the shapes of all its operations as top-level arrays in one file. Their computed keys could
 * have side effects for all esbuild knows, so it keeps every one of them: 550 kB for EC2 alone. Wrapped in a call that
 * is marked pure, those that no used operation refers to fall away, and esbuild unwraps the others again.
 *
 * The same file registers every error of the service with a class of its own, which keeps them all: 40 kB for SSM. An error
 * that is not registered arrives as the service's base exception with the same name, message and members, and we go by those.
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
 * Lambda hands a function its credentials in environment variables and in no other way, so the SDK's search through
 * profiles, SSO, web identities, processes and metadata services (a quarter of a bundle) has nothing to find.
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

/** Several synths may run at once, so that a reader must never find half a file, nor a file that is about to be moved. */
async function writeAtomically(outdir: string, path: string, contents: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = join(outdir, `.${randomUUID()}`);
  await writeFile(unfinished, contents);
  await rename(unfinished, path);
}
