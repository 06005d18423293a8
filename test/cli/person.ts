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
  /** ssh's configuration. */
  readonly sshConfig: string;
  /** Path of the command's program. */
  readonly program: string;
  /** Runs the command to its end. */
  bastion(...args: readonly string[]): Promise<Outcome>;
  /** Starts the command. Its standard input stays open. */
  start(...args: readonly string[]): ChildProcessWithoutNullStreams;
  /** Runs a program to its end, such as ssh. */
  run(program: string, ...args: readonly string[]): Promise<Outcome>;
  /** Starts a program. Its standard input stays open. */
  startProgram(program: string, ...args: readonly string[]): ChildProcessWithoutNullStreams;
}

export interface PersonOptions {
  /** The deployment. Without it the person has set none. */
  readonly url?: string;
  /** Path of the command's program. Default: the checkout's `bin/bastion.js`, which runs the sources. */
  readonly program?: string;
  /** Name of the home. */
  readonly homeName?: string;
  /** More variables of the environment. */
  readonly env?: NodeJS.ProcessEnv;
}

export async function makePerson(options: PersonOptions = {}): Promise<Person> {
  const { url, program = sources, homeName = 'my home', env: changes } = options;
  const folder = await makeTemporaryFolder('p');
  const home = join(folder.path, homeName);
  const programs = join(folder.path, 'programs');
  await mkdir(home);
  await mkdir(programs);
  await writeFile(join(programs, 'ssh'), sshOfPerson);
  await chmod(join(programs, 'ssh'), 0o755);
  const env = {
    HOME: home,
    PATH: `${programs}:${process.env.PATH}`,
    TMPDIR: process.env.TMPDIR,
    ...(url !== undefined && { BASTION_URL: url }),
    ...changes,
  };
  const children: ChildProcessWithoutNullStreams[] = [];
  const startProgram = (file: string, ...args: readonly string[]) => {
    const child = spawn(file, args, { cwd: home, env });
    children.push(child);
    return child;
  };
  const toItsEnd = (child: ChildProcessWithoutNullStreams) => {
    child.stdin.end();
    return outcomeOf(child);
  };
  const start = (...args: readonly string[]) => startProgram(process.execPath, program, ...args);
  return {
    home,
    state: join(home, '.local/state/bastion'),
    sshConfig: join(home, '.ssh/config'),
    program,
    start,
    startProgram,
    bastion: (...args) => toItsEnd(start(...args)),
    run: (file, ...args) => toItsEnd(startProgram(file, ...args)),
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL'); // those that a failed test has left
      await folder.remove();
    },
  };
}

/** ssh reads the configuration of the home that the system knows, whatever HOME says. This one reads the person's. */
const sshOfPerson = `#!/bin/sh
config=$HOME/.ssh/config
[ -f "$config" ] || config=/dev/null
exec ${find('ssh')} -F "$config" -o BatchMode=yes "$@"
`;
