/** Runs one command line. This file and its imports are all that a quick command loads, while all goes well. */
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type FromDisk, type QuickCommand, quickCommand } from './quick-command.ts';
import { freshBastion } from './session/fresh.ts';
import { hasCode } from './state/files.ts';
import type { Environment } from './state/places.ts';
import type { LiveBastion } from './state/session.ts';
import { currentFolder, readSettings } from './state/settings.ts';
import { errorText, exitCodeOf } from './terminal/errors.ts';

/** @returns the exit code */
export async function main(args: readonly string[], env: Environment): Promise<number> {
  try {
    return await run(args, env);
  } catch (error) {
    if (hasCode(error, 'EPIPE')) return 0; // a reader that has seen enough
    writeSync(2, `${errorText(error, false)}\n`);
    return exitCodeOf(error);
  }
}

async function run(args: readonly string[], env: Environment): Promise<number> {
  const quick = quickCommand(args);
  if (quick !== undefined && (await runQuickly(quick, env))) return 0;
  const end = args.indexOf('--');
  if ((end === -1 ? args : args.slice(0, end)).includes('--version')) return printVersion();
  const { runCommandLine } = await import('./command-line.ts');
  return runCommandLine(args, env);
}

/** @returns false when only the whole program can do it */
async function runQuickly(quick: QuickCommand, env: Environment): Promise<boolean> {
  if (quick.name !== 'status') return runFromDisk(quick, env);
  const { quickStatus } = await import('./session/status.ts');
  await quickStatus(quick.isJson, env);
  return true;
}

/** @returns false when the disk does not know the bastion. The whole program finds out why, and says so. */
async function runFromDisk({ name, config }: FromDisk, env: Environment): Promise<boolean> {
  const bastion = await rememberedBastion(config, env);
  if (bastion === undefined) return false;
  if (name === 'up') {
    writeSync(1, `${bastion.host}\n`); // process.stdout takes a while to load
    return true;
  }
  const { connectTo, pipeStandardStreams } = await import('./session/proxy.ts');
  const socket = await connectTo(bastion).catch(() => undefined);
  if (socket === undefined) return false;
  await pipeStandardStreams(socket);
  return true;
}

async function rememberedBastion(config: string | undefined, env: Environment): Promise<LiveBastion | undefined> {
  try {
    return freshBastion(await readSettings({}, env, currentFolder(), config), env);
  } catch {
    return undefined;
  }
}

function printVersion(): number {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
  writeSync(1, `${version}\n`);
  return 0;
}
