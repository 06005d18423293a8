/**
 * The lines of ssh_config that are a bastion's own: the login, the key that enters it, and the shared connection. They stand in a
 * file of their own, which the lines of `bastion ssh-config` include and each start replaces.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, stateFolder } from '../state/places.ts';
import type { LiveBastion } from '../state/session.ts';
import { outcomeOf } from './openssh.ts';
import { pathWord } from './words.ts';

/** The path of a Unix socket has at most 103 bytes on macOS. ssh first makes it with a dot and 16 more at its end. */
const longestSocket = 103 - 17;

/** Each session has a socket of its own, so no connection reaches an earlier bastion. The OpenSSH of Windows shares none. */
export function sharedSocket(
  env: Environment,
  sessionId: string,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const path = join(stateFolder(env), sessionId.slice(0, 13));
  return platform !== 'win32' && Buffer.byteLength(path) <= longestSocket ? path : undefined;
}

export function sessionOptions({ login, identity }: LiveBastion, socket: string | undefined): string {
  const shared = socket === undefined ? [] : [`ControlPath ${pathWord(socket)}`];
  return [`User ${login}`, `IdentityFile ${pathWord(identity)}`, ...shared].map((line) => `${line}\n`).join('');
}

/** Ends the connection that the ssh of all terminals share. */
export async function endSharedConnection(env: Environment, { sessionId }: LiveBastion): Promise<void> {
  const socket = sharedSocket(env, sessionId);
  if (socket === undefined || !existsSync(socket)) return;
  await outcomeOf('ssh', ['-F', '/dev/null', '-S', socket, '-O', 'exit', 'bastion']);
  rmSync(socket, { force: true }); // one that ended by force has left it
}
