/** The time that a program takes, on the wall and on the processor. */
import { run } from '../test/support/ssh.ts';

export interface Times {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Bash measures the program. Its report goes to the output, and the program's errors stay where they are. */
const script = 'TIMEFORMAT="%R %U %S"; { time "$@" >/dev/null 2>&3; } 3>&2 2>&1';

/** @param name of the program, for errors @returns undefined where it is not installed. Throws when it fails. */
export async function timed(
  name: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Times | undefined> {
  const { code, stdout, stderr } = await run('bash', ['-c', script, 'bash', ...command], env);
  if (code === 127) return undefined;
  if (code !== 0) throw new Error(`${name} ended with ${code}, expected 0.\n${stderr}`);
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = stdout.trim().split(' ').map(Number);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}
