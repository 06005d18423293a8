/** A person with the command, in a home of their own whose path has a blank. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { find } from '../../local/machine.ts';
import { type Outcome, outcomeOf } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const sources = join(import.meta.dirname, '../../bin/bastion.js');

export interface Person extends AsyncDisposable {
  readonly home: string;
  /** Folder of the files that the command keeps. */
  readonly state: string;
  /** Runs the command to its end. */
  bastion(...args: readonly string[]): Promise<Outcome>;
  /** Starts the command. Its standard input stays open. */
  start(...args: readonly string[]): ChildProcessWithoutNullStreams;
}

export interface PersonOptions {
  /** The deployment. Without it the person has set none. */
  readonly url?: string;
  /** The command's `bin/bastion.js`. Default: the checkout's, which runs the sources. */
  readonly program?: string;
  /** More variables of the environment. */
  readonly env?: NodeJS.ProcessEnv;
}

export async function makePerson({ url, program = sources, env: changes }: PersonOptions = {}): Promise<Person> {
  const folder = await makeTemporaryFolder('a person');
  const home = join(folder.path, 'my home');
  const programs = join(folder.path, 'programs');
  await mkdir(home);
  await mkdir(programs);
  // ssh reads the configuration of the home that the system knows, whatever HOME says.
  await writeFile(join(programs, 'ssh'), `#!/bin/sh\nexec ${find('ssh')} -F /dev/null -o BatchMode=yes "$@"\n`);
  await chmod(join(programs, 'ssh'), 0o755);
  const env = {
    HOME: home,
    PATH: `${programs}:${process.env.PATH}`,
    TMPDIR: process.env.TMPDIR,
    ...(url !== undefined && { BASTION_URL: url }),
    ...changes,
  };
  const children: ChildProcessWithoutNullStreams[] = [];
  const start = (...args: readonly string[]) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: home, env });
    children.push(child);
    return child;
  };
  return {
    home,
    state: join(home, '.local/state/bastion'),
    start,
    bastion(...args) {
      const child = start(...args);
      child.stdin.end();
      return outcomeOf(child);
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL'); // those that a failed test has left
      await folder.remove();
    },
  };
}
