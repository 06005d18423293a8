/** The moments of an agent's life that its test chooses, however slow the machine is. */
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from './ssh.ts';

/** How far away the latest end of a test's agent is, in seconds. No other sleep of a test lasts that long. */
export const hour = 3600;

export interface Moment {
  /** Lets the moment come. Resolves when the agent has noticed. */
  come(): Promise<void>;
}

export interface Moments {
  readonly latestEnd: Moment;
  /** The moment, 20 s after the one before, at which the agent looks after its handoff once more. */
  readonly lateLook: Moment;
}

/**
 * Puts a `sleep` into `bin`, which is the first folder of an agent's PATH: an agent sleeps until the moment comes. With
 * `SECONDS_FLY` in its environment its pauses of one second take no time.
 */
export async function makeMoments(bin: string): Promise<Moments> {
  const names = ['latest-end', 'late-look'] as const;
  const pipes = names.map((name) => join(bin, name));
  await Promise.all(pipes.map((pipe) => run('mkfifo', [pipe])));
  const program = `#!/usr/bin/env bash
    case $1 in
      3[56][0-9][0-9]) read -r <"\${0%/*}/latest-end" ;;
      20) read -r <"\${0%/*}/late-look" ;;
      1) [[ -n $SECONDS_FLY ]] || { PATH=\${PATH#*${delimiter}}; exec sleep 1; } ;;
      *) PATH=\${PATH#*${delimiter}}; exec sleep "$@" ;;
    esac\n`;
  await writeFile(join(bin, 'sleep'), program);
  await chmod(join(bin, 'sleep'), 0o755);
  const [latestEnd, lateLook] = pipes.map((pipe) => ({ come: () => writeFile(pipe, '\n') }));
  if (latestEnd === undefined || lateLook === undefined) throw new Error('expected two moments');
  return { latestEnd, lateLook };
}
