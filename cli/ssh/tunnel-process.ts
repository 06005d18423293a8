/** One `ssh -N` with all forwards. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type Forward, forwardArgument } from './forwards.ts';
import { exitOf } from './openssh.ts';

export interface TunnelProcess {
  /** Resolves once every port listens. False when ssh has ended before. */
  readonly ready: Promise<boolean>;
  /** ssh's exit code. */
  readonly ended: Promise<number>;
  end(): void;
}

type TunnelChild = ChildProcessByStdio<null, Readable, null>;

const isWindows = process.platform === 'win32';
const pollMs = 50;

/** Ctrl-C reaches every program at the terminal. ssh does not hear it, so that a program behind the tunnel can have it. */
export function startTunnel(options: readonly string[], alias: string, forwards: readonly Forward[]): TunnelProcess {
  const args = [
    ...options,
    '-N',
    '-T',
    '-o',
    'ExitOnForwardFailure=yes',
    // It runs once the ports listen. A connection to find that out would reach the service behind the tunnel.
    ...(isWindows ? [] : ['-o', 'PermitLocalCommand=yes', '-o', 'LocalCommand=echo open']),
    ...forwards.flatMap((forward) => ['-L', forwardArgument(forward)]),
    alias,
  ];
  const child = spawnDeaf(args);
  const ended = exitOf(child, 'ssh');
  ended.catch(() => {}); // `ready` and the caller get it too
  const ready = isWindows ? untilAllAccept(forwards, ended) : Promise.race([saysOpen(child), ended.then(() => false)]);
  return { ready, ended, end: () => child.kill('SIGTERM') };
}

function spawnDeaf(args: readonly string[]): TunnelChild {
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  if (isWindows) return spawn('ssh', args, { stdio });
  return spawn('/bin/sh', ['-c', 'trap "" INT; exec ssh "$@"', 'ssh', ...args], { stdio });
}

/** The output of `LocalCommand`, the only one that ssh has. */
async function saysOpen({ stdout }: TunnelChild): Promise<boolean> {
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
