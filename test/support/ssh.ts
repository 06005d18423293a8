/** Runs the real ssh client without the developer's config, agent and known hosts, and without questions. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

export interface Outcome {
  /** Exit code; 128 and up when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KeyPair {
  /** Path of the private key. */
  readonly privateKey: string;
  /** The public key: one line, without its newline. */
  readonly publicKey: string;
}

export interface SshTarget {
  readonly host: string;
  readonly port: number;
  /** Path of the private key. */
  readonly identity: string;
  /** Default: the user who runs the tests, which is who sshd lets in when it runs as that user. */
  readonly login?: string;
  /** More arguments of ssh, such as `-b <source address>`. They win over ours, because ssh takes the first `-o` of a name. */
  readonly options?: readonly string[];
}

/** Runs a program to its end. */
export async function run(file: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome> {
  const child = spawn(file, args, { env: env ?? process.env });
  child.stdin.end();
  return outcomeOf(child);
}

/** The output and exit code of a started program. Call it before any of the output is read. */
export async function outcomeOf(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
  return { code, stdout, stderr };
}

/** Exit code; 128 when a signal ended it. */
export async function exitOf(child: ChildProcessWithoutNullStreams): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? 128;
}

/** The first line that fits. Throws, with what came instead, when the stream ends without one. */
export async function lineOf(stream: Readable, fits: RegExp): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stream })) {
    if (fits.test(line)) return line;
    lines.push(line);
  }
  throw new Error(`Got ${JSON.stringify(lines)}, expected a line like ${fits}.`);
}

/** All lines of a stream from now on. */
export interface Lines {
  /** Resolves with the first line that fits, which may have come before. Rejects if the stream ends without one. */
  find(fits: RegExp): Promise<string>;
  /** Resolves with all lines at the stream's end. */
  readonly all: Promise<readonly string[]>;
}

export function readLines(stream: Readable): Lines {
  const lines: string[] = [];
  const reader = createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const all = once(reader, 'close').then(() => lines);
  return {
    all,
    async find(fits) {
      for (let next = 0; ; next += 1) {
        while (next >= lines.length) {
          const isOver = await Promise.race([once(reader, 'line').then(() => false), all.then(() => true)]);
          if (isOver && next >= lines.length)
            throw new Error(`Got ${JSON.stringify(lines)}, expected a line like ${fits}.`);
        }
        const line = lines[next];
        if (line !== undefined && fits.test(line)) return line;
      }
    },
  };
}

export async function makeKeyPair(directory: string, name: string): Promise<KeyPair> {
  const privateKey = join(directory, name);
  const { code, stderr } = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', privateKey]);
  if (code !== 0) throw new Error(`ssh-keygen ended with ${code}: ${stderr}`);
  return { privateKey, publicKey: (await readFile(`${privateKey}.pub`, 'utf8')).trimEnd() };
}

/** Runs a command over ssh to its end. ssh answers 255 for its own failures, otherwise the command's code. */
export async function ssh(target: SshTarget, ...command: readonly string[]): Promise<Outcome> {
  const child = startSsh(target, ...command);
  child.stdin.end();
  return outcomeOf(child);
}

/** Starts a command over ssh; its stdin stays open. */
export function startSsh(target: SshTarget, ...command: readonly string[]): ChildProcessWithoutNullStreams {
  const { host, port, identity, login = userInfo().username, options = [] } = target;
  return spawn('ssh', [...options, ...sshOptions(identity), '-p', `${port}`, `${login}@${host}`, ...command]);
}

/** Options that keep the developer's own configuration out. */
export function sshOptions(identity: string): string[] {
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=10',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'LogLevel=ERROR',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
  ].flatMap((option) => ['-o', option]);
  return ['-F', '/dev/null', ...options, '-i', identity];
}
