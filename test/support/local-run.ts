/** Starts `npm start` as a user does, in a process and on ports of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { vi } from 'vitest';
import { containerArguments } from './containers.ts';
import { exitOf, type Outcome, outcomeOf } from './ssh.ts';

const root = join(import.meta.dirname, '../..');

export interface LocalRun {
  readonly api: string;
  readonly aws: string;
  /** The output so far. */
  output(): string;
  stop(): Promise<unknown>;
}

export interface ChildRun extends LocalRun {
  readonly pid: number;
  /** The first line of its output that fits. Waits for it. */
  line(fits: RegExp): Promise<string>;
  /** Sends Ctrl-C. @returns the exit code */
  stop(): Promise<number>;
  /** Ends its process alone, as `kill -9` does. */
  kill(): Promise<void>;
}

/**
 * @param settings as after `-c`
 * @param checkout folder of the project that runs
 */
export async function startLocalRun(
  settings: Readonly<Record<string, string>> = {},
  checkout = root,
): Promise<ChildRun> {
  const settingArgs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawnLocal([...containerArguments(), ...settingArgs], { PORT: '0', AWS_PORT: '0' }, checkout);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const line = (fits: RegExp) =>
    vi.waitFor(
      () => {
        const found = output.split('\n').find((one) => fits.test(one));
        if (found === undefined) throw new Error(`Got no line like ${fits}, but:\n${output}`);
        return found;
      },
      { timeout: 150_000, interval: 50 },
    );
  await line(/^ready in/).catch((error: unknown) => {
    child.kill('SIGINT'); // the caller has no handle to do it
    throw error;
  });
  const [, api] = /(http:\S+)/.exec(await line(/^API /)) ?? [];
  return {
    pid: child.pid ?? 0,
    api: api ?? '',
    get aws() {
      return /^AWS\s+(\S+)/m.exec(output)?.[1] ?? '';
    },
    output: () => output,
    line,
    async stop() {
      child.kill('SIGINT');
      return exitOf(child);
    },
    async kill() {
      child.kill('SIGKILL');
      await exitOf(child);
    },
  };
}

/** Starts a local run that is expected to end by itself. */
export function runToItsEnd(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> {
  return outcomeOf(spawnLocal(args, env));
}

function spawnLocal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  checkout = root,
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(checkout, 'local/main.ts'), ...args], {
    cwd: checkout,
    env: { ...process.env, ...env },
  });
}
