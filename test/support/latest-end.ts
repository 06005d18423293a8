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
  /** The moment at which the agent deletes its handoff once more. */
  readonly secondDeletion: Moment;
}

/** Puts a `sleep` into `bin`, which is the first folder of an agent's PATH: an agent sleeps until the moment comes. */
export async function makeMoments(bin: string): Promise<Moments> {
  const names = ['latest-end', 'second-deletion'] as const;
  const pipes = names.map((name) => join(bin, name));
  await Promise.all(pipes.map((pipe) => run('mkfifo', [pipe])));
  const program = `#!/usr/bin/env bash
    case $1 in
      3[56][0-9][0-9]) read -r <"\${0%/*}/latest-end" ;;
      20) read -r <"\${0%/*}/second-deletion" ;;
      *) PATH=\${PATH#*${delimiter}}; exec sleep "$@" ;;
    esac\n`;
  await writeFile(join(bin, 'sleep'), program);
  await chmod(join(bin, 'sleep'), 0o755);
  const [latestEnd, secondDeletion] = pipes.map((pipe) => ({ come: () => writeFile(pipe, '\n') }));
  if (latestEnd === undefined || secondDeletion === undefined) throw new Error('expected two moments');
  return { latestEnd, secondDeletion };
}
