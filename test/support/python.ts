/** Programs in Python that others wrote, each in an environment of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** The oldest Python that the pinned packages allow. */
const pythonVersion = '3.11';

/** The error of a machine that can't run the program. Its message gives the reason. */
export class NoPython extends Error {
  override readonly name = 'NoPython';
}

/** A package of Python's registry, pinned with all that it needs. */
export interface PythonPackage {
  readonly name: string;
  /** File that pins the package and all it needs, in the form of `pip freeze`. */
  readonly requirements: string;
  /** The module that shows by its import whether the package is installed. */
  readonly module: string;
}

/** The version that the requirements pin. */
export function versionOf({ name, requirements }: PythonPackage): string {
  const line = readFileSync(requirements, 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}==`));
  return line?.slice(name.length + 2) ?? 'of no version';
}

/** Returns the folder of programs of an environment that has the package. The first call installs it, which takes a minute. */
export function installed(pythonPackage: PythonPackage): string {
  const { name, requirements, module } = pythonPackage;
  const version = versionOf(pythonPackage);
  // Checkouts that share node_modules by a link share the environment.
  const nodeModules = realpathSync(join(import.meta.dirname, '../../node_modules'));
  const folder = join(nodeModules, '.cache', `${name}-${version}`);
  const bin = join(folder, 'bin');
  const python = join(bin, 'python');
  if (isInPlace(bin) && run(python, '-c', `import ${module}`).ok) return bin;
  const basePython = machinePython(name);
  console.log(`Installing ${name} ${version} into ${folder} …`);
  const creation = run(basePython, '-m', 'venv', '--clear', folder);
  if (!creation.ok) throw new NoPython(`Python could not make an environment for ${name}: ${creation.lastLine}`);
  // Without a network the installation ends within seconds.
  const limits = ['--retries', '1', '--timeout', '10'];
  const installation = run(python, '-m', 'pip', 'install', '--quiet', ...limits, '--requirement', requirements);
  if (!installation.ok) throw new NoPython(`pip could not install ${name} ${version}: ${installation.lastLine}`);
  return bin;
}

/** False for an environment whose folder was moved: its programs name the Python of the folder that it was made in. */
function isInPlace(bin: string): boolean {
  const program = join(bin, 'pip');
  return existsSync(program) && readFileSync(program, 'utf8').slice(0, 500).includes(join(bin, 'python'));
}

function machinePython(name: string): string {
  const versionCheck = `import sys, venv, ensurepip; sys.exit(sys.version_info < (${pythonVersion.replace('.', ', ')}))`;
  const python = ['python3', 'python'].find((one) => run(one, '-c', versionCheck).ok);
  if (python !== undefined) return python;
  throw new NoPython(
    `${name} needs Python ${pythonVersion} or later with the modules venv and ensurepip, and this machine has none.`,
  );
}

function run(file: string, ...args: readonly string[]): { readonly ok: boolean; readonly lastLine: string } {
  const { status, error, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 300_000 });
  const output = error?.message ?? `${stdout}\n${stderr}`;
  return { ok: status === 0, lastLine: lastLine(output) };
}

export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
