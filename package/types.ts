/** Writes the type declarations of the construct: those that its door reaches, for `import` and for `require`. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const door = 'lib/index.ts';

/** The module of a declaration, in `from './bastions.ts'`. */
const relativeImport = /(?<=from ')(\.[^']+)\.ts(?=')/g;

export async function buildTypes(root: string, outdir: string): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'types-'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const project = join(root, 'package/tsconfig.json');
  await promisify(execFile)(process.execPath, [tsc, '--project', project, '--outDir', folder.path]);
  for (const [module, text] of await reachable(folder.path)) {
    const stem = join(outdir, module.replace(/\.ts$/, ''));
    await mkdir(dirname(stem), { recursive: true });
    // Under "type": "module" a declaration for `require` has another ending, and so have the modules that it names.
    await writeFile(`${stem}.d.ts`, text.replace(relativeImport, '$1.js'));
    await writeFile(`${stem}.d.cts`, text.replace(relativeImport, '$1.cjs'));
  }
}

/** The text of each declaration that the door reaches, by the path of its module. */
async function reachable(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const waiting = [door];
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    if (texts.has(module)) continue;
    const text = await readFile(join(folder, module.replace(/\.ts$/, '.d.ts')), 'utf8');
    texts.set(module, text);
    for (const [path] of text.matchAll(/(?<=from ')\.[^']+\.ts(?=')/g)) waiting.push(join(dirname(module), path));
  }
  return texts;
}
