/**
 * A folder for the files of one run. The run removes it at its end. For a killed run the next start does.
 * The folder's name tells the run's machine and process: `run-<host>-<pid>-<random>`.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';

const prefix = `run-${hostname()}-`;
const pid = v.pipe(v.string(), v.digits());

/** Makes the folder of this process in `parent`, and removes those of this machine's runs that have ended. */
export async function makeRunFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  await removeDeadFolders(parent);
  return mkdtemp(join(parent, `${prefix}${process.pid}-`));
}

async function removeDeadFolders(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  await Promise.all(
    names.map(async (name) => {
      const folder = join(parent, name);
      if (!(await isInUse(folder, name))) await rm(folder, { recursive: true, force: true });
    }),
  );
}

/** The system uses the ids of ended processes again, so a process that is younger than the folder is another one. */
async function isInUse(folder: string, name: string): Promise<boolean> {
  const parsed = v.safeParse(pid, name.slice(prefix.length).split('-')[0]);
  if (!parsed.success) return true;
  const startMs = await startOf(parsed.output);
  if (startMs === undefined) return false;
  const madeAtMs = await madeAt(folder);
  if (madeAtMs === undefined) return false;
  const toleranceMs = 2000; // ps counts whole seconds from a boot time that is rounded itself
  return !(startMs > madeAtMs + toleranceMs);
}

/** Resolves with the epoch milliseconds at which a folder was made, or undefined where its run has just removed it. */
async function madeAt(folder: string): Promise<number | undefined> {
  try {
    return (await stat(folder)).mtimeMs;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Resolves with the epoch milliseconds at which a process began, or undefined where there is none. */
async function startOf(processId: string): Promise<number | undefined> {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', processId], { env });
    return Date.parse(`${stdout.trim()} UTC`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 1) return undefined;
    throw error;
  }
}
