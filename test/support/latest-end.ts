/** The latest end of an agent as a moment that the test chooses, however slow the machine is. */
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from './ssh.ts';

/** How far away the latest end of a test's agent is, in seconds. No other sleep of a test lasts that long. */
export const hour = 3600;

export interface LatestEnd {
  /** Lets the latest end come. Resolves when the agent has noticed. */
  come(): Promise<void>;
}

/** Puts a `sleep` into `bin`, which is the first folder of an agent's PATH: an agent sleeps until its latest end comes. */
export async function makeLatestEnd(bin: string): Promise<LatestEnd> {
  const pipe = join(bin, 'latest-end');
  await run('mkfifo', [pipe]);
  const program = `#!/usr/bin/env bash
    if [[ $1 == 3[56][0-9][0-9] ]]; then read -r <"\${0%/*}/latest-end"; else PATH=\${PATH#*${delimiter}}; exec sleep "$@"; fi\n`;
  await writeFile(join(bin, 'sleep'), program);
  await chmod(join(bin, 'sleep'), 0o755);
  return { come: () => writeFile(pipe, '\n') };
}
