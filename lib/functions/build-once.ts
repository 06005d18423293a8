/** Builds with esbuild, unless the last build had the same sources. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build, version as esbuildVersion, type Metafile } from 'esbuild';
import * as v from 'valibot';

/**
 * Builds into `folder`. The file `note` there holds a hash of every source of the last build. For the thousands of files in
 * node_modules it holds the hash of npm's list of what is installed.
 * @param input decides about the outcome, as the sources do
 */
export async function buildOnce(folder: string, note: string, input: unknown, options: BuildOptions): Promise<void> {
  const outdir = resolve(folder);
  const noteFile = join(outdir, note);
  const recipe = JSON.stringify([esbuildVersion, input, ...(await Promise.all(common.map(hashOf)))]);
  if (await isUpToDate(noteFile, recipe)) return;
  const { outputFiles, metafile } = await build({ ...options, outdir, write: false, metafile: true });
  await Promise.all(outputFiles.map((file) => writeAtomically(outdir, file.path, file.contents)));
  const outputs = outputFiles.map(({ path }) => path);
  const inputs = await hashesOf(metafile);
  await writeAtomically(outdir, noteFile, Buffer.from(JSON.stringify({ recipe, inputs, outputs })));
}

/** Files that decide about every bundle: the rules of building, and npm's list of installed packages. */
const common = [
  import.meta.filename,
  join(import.meta.dirname, 'bundle.ts'),
  join(import.meta.dirname, '../../node_modules/.package-lock.json'),
];

const lastBuild = v.object({
  /** Everything beside the inputs that decides what comes out. */
  recipe: v.string(),
  /** SHA-256 of each source file. */
  inputs: v.record(v.string(), v.string()),
  outputs: v.array(v.string()),
});

async function isUpToDate(noteFile: string, recipe: string): Promise<boolean> {
  const text = await readFile(noteFile, 'utf8').catch(() => '');
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), lastBuild), text);
  if (!parsed.success || parsed.output.recipe !== recipe) return false;
  const { inputs, outputs } = parsed.output;
  const checks = [
    ...Object.entries(inputs).map(async ([file, hash]) => (await hashOf(file)) === hash),
    ...outputs.map(async (file) => (await hashOf(file)) !== ''),
  ];
  return (await Promise.all(checks)).every((isSame) => isSame);
}

async function hashesOf({ inputs }: Metafile): Promise<Record<string, string>> {
  const files = Object.keys(inputs).filter((file) => !/^\w+:/.test(file) && !file.includes('node_modules/'));
  return Object.fromEntries(await Promise.all(files.map(async (file) => [resolve(file), await hashOf(file)] as const)));
}

/** '' for a file that can not be read. */
const hashOf = (file: string): Promise<string> =>
  readFile(file).then(
    (contents) => createHash('sha256').update(contents).digest('hex'),
    () => '',
  );

/** Writes by rename, because several synths may run at once and a reader must never find half a file. */
async function writeAtomically(outdir: string, path: string, contents: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = join(outdir, `.${randomUUID()}`);
  await writeFile(unfinished, contents);
  await rename(unfinished, path);
}
