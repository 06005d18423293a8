/** One `ssh -N` with all forwards. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { spawnBound } from './bound-child.ts';
import { type Forward, forwardArguments } from './forwards.ts';
import { exitOf } from './openssh.ts';
import type { TunnelUse } from './tunnel-use.ts';

export interface TunnelProcess {
  /** Resolves once every port listens. False when ssh has ended before. */
  readonly ready: Promise<boolean>;
  /** ssh's exit code. */
  readonly ended: Promise<number>;
  end(): void;
}

const isWindows = process.platform === 'win32';
const pollMs = 50;

/**
 * Ctrl-C reaches every program at the terminal. ssh does not hear it, so that a program behind the tunnel can have it.
 * @param use learns of the connections through the tunnel, if anybody wants to know
 */
export function startTunnel(
  options: readonly string[],
  alias: string,
  forwards: readonly Forward[],
  use?: TunnelUse,
): TunnelProcess {
  const args = [
    ...options,
    '-N',
    '-T',
    '-o',
    'ExitOnForwardFailure=yes',
    // The person may have set it for every host. ssh would then open no port, and say nothing.
    '-o',
    'ClearAllForwardings=no',
    // It runs once the ports listen. A connection to find that out would reach the service behind the tunnel.
    ...(isWindows ? [] : ['-o', 'PermitLocalCommand=yes', '-o', 'LocalCommand=echo open']),
    ...(use === undefined ? [] : use.options),
    ...forwards.flatMap(forwardArguments),
    alias,
  ];
  const stderr = use === undefined ? 'inherit' : 'pipe';
  const child = spawnBound('ssh', args, { stdio: ['ignore', 'pipe', stderr], isDeaf: true });
  if (child.stderr !== null) use?.read(child.stderr);
  const ended = exitOf(child, 'ssh');
  ended.catch(() => {}); // `ready` and the caller get it too
  const ready = isWindows ? untilAllAccept(forwards, ended) : Promise.race([saysOpen(child), ended.then(() => false)]);
  return { ready, ended, end: () => child.kill('SIGTERM') };
}

/** The output of `LocalCommand`, the only one that ssh has. */
async function saysOpen({ stdout }: ChildProcess): Promise<boolean> {
  if (stdout === null) return false;
  const [first] = await once(stdout, 'data');
  stdout.resume();
  return first !== undefined;
}

/** For Windows, whose OpenSSH may not know `LocalCommand`. */
async function untilAllAccept(forwards: readonly Forward[], ended: Promise<number>): Promise<boolean> {
  let isOver = false;
  const over = ended.then(() => {
    isOver = true;
    return false;
  });
  const polls = forwards.map(async ({ localPort }) => {
    while (!isOver && !(await accepts(localPort))) await pause(pollMs);
  });
  return Promise.race([over, Promise.all(polls).then(() => !isOver)]);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
