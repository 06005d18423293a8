/**
 * ssh's `ProxyCommand`: connects standard input and output with the bastion's sshd. ssh reads the host keys only once sshd has
 * spoken, so those of a bastion that has just started are there in time.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { LiveBastion } from '../state/session.ts';

/** Editors and Ansible give up after 10 to 15 s, and the sentence that says why should come before that. */
const connectMs = 5000;

/** @throws Error with the reason */
export async function connectTo({ host, port }: Pick<LiveBastion, 'host' | 'port'>): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true });
  const signal = AbortSignal.timeout(connectMs);
  try {
    await once(socket, 'connect', { signal });
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw new Error(`no answer in ${connectMs / 1000} s`, { cause: error });
    throw error;
  }
  socket.setNoDelay();
  return socket;
}

/** Resolves when either end has closed, in whatever way. ssh tells the person. */
export async function pipeStandardStreams(socket: Socket): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {}); // `close` follows
  process.stdout.on('error', () => socket.destroy());
  process.stdin.pipe(socket).pipe(process.stdout);
  await closed;
  process.stdin.unref?.();
}
