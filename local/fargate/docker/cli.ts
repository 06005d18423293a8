/** The command `docker`, or a program that takes its place and answers as it does. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

export interface DockerOptions {
  /** Variables that the command gets beside those of this program. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends the command. */
  readonly signal?: AbortSignal;
}

/** A command whose output is passed on while it runs. */
export interface FollowedCommand {
  /** Resolves with its exit code after its last line. */
  readonly ended: Promise<number>;
}

export interface Docker {
  /** Runs a command to its end. @returns its output; a failed command rejects with Docker's own error */
  run(args: readonly string[], options?: DockerOptions): Promise<string>;
  /** Runs a command and passes on each line of its output. */
  follow(args: readonly string[], onLine: (line: string) => void, options?: DockerOptions): FollowedCommand;
}

/** Docker has refused a command. */
export class DockerError extends Error {
  override readonly name = 'DockerError';

  /** Whether the container or network of the command does not exist any more, is being removed, or does not run. */
  get isGone(): boolean {
    return /no such|not found|is already in progress|is not running/i.test(this.message);
  }

  /** Whether the daemon may not give a container these limits, because its own are lower. */
  get isAboutLimits(): boolean {
    return /setting rlimit/i.test(this.message);
  }
}

export const dockerCli: Docker = {
  async run(args, options) {
    const child = start(args, options);
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)]).catch(
      (cause: unknown) => {
        throw new DockerError(`docker ${args[0]}: ${cause instanceof Error ? cause.message : cause}`, { cause });
      },
    );
    if (code === 0) return stdout.trim();
    throw new DockerError(`docker ${args[0]}: ${errorIn(stderr) ?? `it ended with ${code} and printed no error`}`);
  },

  follow(args, onLine, options) {
    const child = start(args, options);
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
    return { ended: endOf(child) };
  },
};

/** Starts a command in a session of its own, so that Ctrl-C reaches this program first. */
function start(args: readonly string[], { environment = {}, signal }: DockerOptions = {}) {
  return spawn('docker', args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Resolves with the exit code after the last line. Rejects when the program can't run, or was ended by its signal. */
function endOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** The error that a failed command has printed. */
function errorIn(stderr: string): string | undefined {
  const lines = stderr.trim().split('\n');
  const error = lines.find((line) => line.startsWith('Error')) ?? lines.findLast((line) => line !== '');
  return error?.replace(/^(Error response from daemon|Error): /, '');
}

/** Throws a sentence that says what to install or to start, if Docker does not answer. @returns the processor of its containers */
export async function askDocker(docker: Docker): Promise<string> {
  try {
    return await docker.run(['version', '--format', '{{.Server.Arch}}'], { signal: AbortSignal.timeout(20_000) });
  } catch (error) {
    throw new Error(`${adviceOn(error)}. Without --containers docker, tasks run as processes.`, { cause: error });
  }
}

function adviceOn(error: unknown): string {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
    return 'Found no program "docker". Install Docker, or a program that takes its place, and start its daemon';
  }
  if (/permission denied/i.test(message)) {
    return `You may not use Docker (${message}). Let your user, for example with: sudo usermod -aG docker "$USER", and log in again`;
  }
  return `Docker does not answer (${message}). Start its daemon, for example with: sudo systemctl start docker`;
}
