/**
 * Programs that end with this process, even if SIGKILL ends it. Each gets a pipe whose other end only this process holds, and a small
 * shell beside it that reads there. The system closes the pipe with the process, and the shell then ends the program. The data of
 * the program takes no other way because of it. Windows ends the children of Node with Node itself.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { Writable } from 'node:stream';

const isWindows = process.platform === 'win32';

/** The pipe. A program of OpenSSH closes what it does not know. */
const pipeNumber = 3;

/**
 * The watcher goes without a word once it has read a line: the program has ended, and its process id may be another's.
 * `exec` gives the process id of the shell to the program.
 */
const watcher = 'read -r line <&3 || kill "$$"';
const script = `(${watcher}) </dev/null >/dev/null 2>&1 & exec "$@" 3<&-`;

interface BoundOptions {
  readonly stdio: readonly [stdin: 'inherit' | 'ignore', stdout: 'inherit' | 'pipe', stderr: 'inherit' | 'pipe'];
  /** Whether the program hears Ctrl-C at the terminal. */
  readonly isDeaf: boolean;
}

/** Starts a program that ends with this process. */
export function spawnBound(program: string, args: readonly string[], { stdio, isDeaf }: BoundOptions): ChildProcess {
  if (isWindows) return spawn(program, args, { stdio: [...stdio] });
  const shell = ['-c', isDeaf ? `trap "" INT; ${script}` : script, program, program, ...args];
  const files: StdioOptions = [...stdio, 'pipe'];
  const child = spawn('/bin/sh', shell, { stdio: files });
  const pipe = child.stdio[pipeNumber];
  if (pipe instanceof Writable) {
    pipe.on('error', () => {}); // the watcher has ended too
    child.once('exit', () => pipe.end('\n'));
  }
  return child;
}
