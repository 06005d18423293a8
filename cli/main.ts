/** Runs one command line. The command's own output aside, it prints errors alone. */
import { readFileSync, writeSync } from 'node:fs';
import { type QuickCommand, quickCommand } from './quick-command.ts';
import { hasCode } from './state/files.ts';
import type { Environment } from './state/places.ts';
import { errorText, exitCodeOf } from './terminal/errors.ts';

/** @returns the exit code */
export async function main(args: readonly string[], env: Environment): Promise<number> {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  try {
    if (own.includes('--version')) return printVersion();
    const quick = quickCommand(args);
    if (quick !== undefined && (await runFromDisk(quick, env))) return 0;
    // A reader that has seen enough, such as `head`, is no failure.
    process.stdout.on('error', (error) => {
      if (!hasCode(error, 'EPIPE')) throw error;
    });
    const { runCommandLine } = await import('./command-line.ts');
    return await runCommandLine(args, env);
  } catch (error) {
    process.stderr.write(`${errorText(error, own.includes('--verbose'))}\n`);
    return exitCodeOf(error);
  }
}

function printVersion(): number {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${version}\n`);
  return 0;
}

/** @returns false when the disk does not know the bastion. The whole program finds out why, and says so. */
async function runFromDisk({ name, config }: QuickCommand, env: Environment): Promise<boolean> {
  const [{ freshBastion }, { readSettings }] = await Promise.all([
    import('./session/fresh.ts'),
    import('./state/settings.ts'),
  ]);
  const settings = await readSettings({}, env, process.cwd(), config).catch(() => undefined);
  const bastion = settings && freshBastion(settings, env);
  if (bastion === undefined) return false;
  if (name === 'up') {
    writeSync(1, `${bastion.host}\n`);
    return true;
  }
  const { connectTo, pipeStandardStreams } = await import('./session/proxy.ts');
  const socket = await connectTo(bastion).catch(() => undefined);
  if (socket === undefined) return false;
  await pipeStandardStreams(socket);
  return true;
}
