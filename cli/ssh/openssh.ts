/** The person's own OpenSSH: its version, its programs, and a child that takes over the terminal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';
import { hasCode } from '../state/files.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import { systemAdvice } from '../terminal/system-errors.ts';
import { spawnBound } from './bound-child.ts';

export interface Version {
  readonly major: number;
  readonly minor: number;
}

/** Windows 10 ships 8.1. Every option that we use is in it. */
const oldest: Version = { major: 8, minor: 1 };

export const isAtLeast = (version: Version, { major, minor }: Version): boolean =>
  version.major > major || (version.major === major && version.minor >= minor);

/** The version in the output of `ssh -V`: `OpenSSH_9.2p1 …` or `OpenSSH_for_Windows_8.1p1, …`. */
export function versionIn(output: string): Version | undefined {
  const [, major, minor] = /OpenSSH(?:_for_Windows)?_(\d+)\.(\d+)/.exec(output) ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

/** @throws CliError when there is no OpenSSH that is new enough */
export async function opensshVersion(): Promise<Version> {
  const { stderr, code } = await outcomeOf('ssh', ['-V']);
  const version = code === 0 ? versionIn(stderr) : undefined;
  if (version !== undefined && isAtLeast(version, oldest)) return version;
  throw new CliError(
    `ssh -V: got "${stderr.trim()}", expected OpenSSH ${oldest.major}.${oldest.minor} or newer. Install or update OpenSSH.`,
    exitCodes.failed,
  );
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface OutcomeOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds until SIGTERM ends it. Default: none. */
  readonly timeout?: number;
}

/** Runs a program of OpenSSH to its end, without a terminal's input. */
export async function outcomeOf(
  program: string,
  args: readonly string[],
  options: OutcomeOptions = {},
): Promise<Outcome> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child, program)]);
  return { code, stdout, stderr };
}

const passedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs ssh with the terminal, and passes signals on to it. @returns its exit code */
export const runSsh = (args: readonly string[]): Promise<number> =>
  attached(spawnBound('ssh', args, { stdio: ['inherit', 'inherit', 'inherit'], isDeaf: false }), 'ssh');

/** Runs a command line that has the terminal, as the shell reads it. @returns its exit code */
export const runShell = (line: string, env: NodeJS.ProcessEnv): Promise<number> =>
  attached(spawn(line, { stdio: 'inherit', shell: true, env }), line);

async function attached(child: ChildProcess, program: string): Promise<number> {
  const pass = (signal: NodeJS.Signals) => {
    // A terminal sends Ctrl-C to every program of the command itself.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of passedSignals) process.on(signal, pass);
  try {
    return await exitOf(child, program);
  } finally {
    for (const signal of passedSignals) process.off(signal, pass);
  }
}

/** The exit code, or 128 and the number of the signal that ended it. */
export async function exitOf(child: ChildProcess, program: string): Promise<number> {
  try {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = (hasCode(error, 'ENOENT') ? undefined : systemAdvice(error)) ?? 'Install OpenSSH.';
    throw new CliError(`${program} does not start (${reason}). ${remedy}`, exitCodes.failed, { cause: error });
  }
  return child.exitCode ?? 128 + (child.signalCode === null ? 0 : constants.signals[child.signalCode]);
}
