/**
 * Bundles the Lambda functions with esbuild's own API. `NodejsFunction` takes no esbuild plugins, and two plugins take away two
 * thirds of every bundle, and with it half of a cold start.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build, version as esbuildVersion, type Metafile, type Plugin } from 'esbuild';
import * as v from 'valibot';
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
 * sources builds nothing: `<outdir>/inputs.json` holds a hash of every source of the last build. For the thousands of files in
 * node_modules it holds the hash of npm's list of what is installed.
 */
export async function bundle<Entry extends string>(options: BundleOptions<Entry>): Promise<Record<Entry, string>> {
  const outdir = resolve(options.outdir);
  const recipe = JSON.stringify([esbuildVersion, options, ...(await Promise.all(common.map(hashOf)))]);
  if (!(await isUpToDate(outdir, recipe))) {
    const { outputFiles, metafile } = await build({
      entryPoints: options.entries.map((entry) => ({ in: `${entryPrefix}${entry}`, out: `${entry}/index` })),
      outdir,
      outExtension: { '.js': '.mjs' },
      ...forLambda,
      write: false,
      metafile: true,
      plugins: [virtualEntries(options), pureSchemas, environmentCredentials],
    });
    await Promise.all(outputFiles.map((file) => writeAtomically(outdir, file.path, file.contents)));
    await noteInputs(outdir, {
      recipe,
      inputs: await hashesOf(metafile),
      outputs: outputFiles.map(({ path }) => path),
    });
  }
  return bundleFolders(outdir, options.entries);
}

const entryPrefix = 'entry:';

/** Files that decide about every bundle: this one, and npm's list of installed packages. */
const common = [import.meta.filename, join(import.meta.dirname, '../../node_modules/.package-lock.json')];

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

const lastBuild = v.object({
  /** Everything beside the inputs that decides what comes out. */
  recipe: v.string(),
  /** SHA-256 of each source file. */
  inputs: v.record(v.string(), v.string()),
  outputs: v.array(v.string()),
});

const noteFile = (outdir: string): string => join(outdir, 'inputs.json');

async function isUpToDate(outdir: string, recipe: string): Promise<boolean> {
  const text = await readFile(noteFile(outdir), 'utf8').catch(() => '');
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), lastBuild), text);
  if (!parsed.success || parsed.output.recipe !== recipe) return false;
  const { inputs, outputs } = parsed.output;
  const checks = [
    ...Object.entries(inputs).map(async ([file, hash]) => (await hashOf(file)) === hash),
    ...outputs.map(async (file) => (await hashOf(file)) !== ''),
  ];
  return (await Promise.all(checks)).every((isSame) => isSame);
}

async function noteInputs(outdir: string, note: v.InferOutput<typeof lastBuild>): Promise<void> {
  await writeAtomically(outdir, noteFile(outdir), Buffer.from(JSON.stringify(note)));
}

async function hashesOf({ inputs }: Metafile): Promise<Record<string, string>> {
  const files = Object.keys(inputs).filter((file) => !file.startsWith(entryPrefix) && !file.includes('node_modules/'));
  return Object.fromEntries(await Promise.all(files.map(async (file) => [resolve(file), await hashOf(file)] as const)));
}

/** '' for a file that can not be read. */
const hashOf = (file: string): Promise<string> =>
  readFile(file).then(
    (contents) => createHash('sha256').update(contents).digest('hex'),
    () => '',
  );

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

/** Writes by rename, because several synths may run at once and a reader must never find half a file. */
async function writeAtomically(outdir: string, path: string, contents: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = join(outdir, `.${randomUUID()}`);
  await writeFile(unfinished, contents);
  await rename(unfinished, path);
}
