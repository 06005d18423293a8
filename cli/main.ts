/** Runs one command line. The command's own output aside, it prints errors alone. */
import { readFileSync } from 'node:fs';
import { hasCode } from './state/files.ts';
import type { Environment } from './state/places.ts';
import { errorText, exitCodeOf } from './terminal/errors.ts';

/** @returns the exit code */
export async function main(args: readonly string[], env: Environment): Promise<number> {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', (error) => {
    if (!hasCode(error, 'EPIPE')) throw error;
  });
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  try {
    if (own.includes('--version')) return printVersion();
    if (isQuick(args) && (await answerFromDisk(args, env))) return 0;
    const { runCommandLine } = await import('./command-line.ts');
    return await runCommandLine(own, end === -1 ? undefined : args.slice(end + 1), env);
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

/** ssh runs `up --if-needed` before each connection, so this form does without the parser of command lines. */
const isQuick = ([command, ...options]: readonly string[]): boolean =>
  command === 'up' &&
  options.includes('--if-needed') &&
  options.every((option) => ['--if-needed', '--quiet', '--json'].includes(option));

async function answerFromDisk(args: readonly string[], env: Environment): Promise<boolean> {
  const { printFresh } = await import('./session/fresh.ts');
  const { readSettings } = await import('./state/settings.ts');
  const { Terminal } = await import('./terminal/terminal.ts');
  const manner = { isJson: args.includes('--json'), isQuiet: true, isVerbose: false, isCi: false };
  return printFresh(await readSettings({}, env, process.cwd()), env, new Terminal(manner));
}
