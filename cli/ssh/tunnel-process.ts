/** One `ssh -N` with all forwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Forward, forwardArgument } from './forwards.ts';
import { exitOf } from './openssh.ts';

export interface TunnelProcess {
  /** Resolves once every port accepts connections. False when ssh has ended before. */
  readonly ready: Promise<boolean>;
  /** ssh's exit code. */
  readonly ended: Promise<number>;
  end(): void;
}

const pollMs = 50;

/** Ctrl-C reaches every program at the terminal. ssh does not hear it, so that a program behind the tunnel can have it. */
export function startTunnel(options: readonly string[], alias: string, forwards: readonly Forward[]): TunnelProcess {
  const args = [
    ...options,
    '-N',
    '-T',
    '-o',
    'ExitOnForwardFailure=yes',
    ...forwards.flatMap((forward) => ['-L', forwardArgument(forward)]),
    alias,
  ];
  const child = spawnDeaf(args);
  const ended = exitOf(child, 'ssh');
  ended.catch(() => {}); // `ready` and the caller get it too
  return { ready: untilAllAccept(forwards, ended), ended, end: () => child.kill('SIGTERM') };
}

function spawnDeaf(args: readonly string[]): ChildProcess {
  const stdio: ['ignore', 'ignore', 'inherit'] = ['ignore', 'ignore', 'inherit'];
  if (process.platform === 'win32') return spawn('ssh', args, { stdio });
  return spawn('/bin/sh', ['-c', 'trap "" INT; exec ssh "$@"', 'ssh', ...args], { stdio });
}

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
