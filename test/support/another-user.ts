/** Programs of another user of this machine, `nobody`. */
import { spawn } from 'node:child_process';
import { find } from '../../local/machine.ts';
import { type Outcome, outcomeOf } from './ssh.ts';

/** The uid of `nobody`, and of no program that a test starts otherwise. */
export const otherUid = 65_534;

/** Why no program can run as another user here. Undefined where it can. CI must be such a place. */
export const noOtherUser = reason();

function reason(): string | undefined {
  // macOS has no table of sockets with their owners, so the local run can't tell users apart there.
  if (process.platform === 'linux' && process.getuid?.() === 0) return undefined;
  const sentence = 'Programs run as another user only for root, on Linux.';
  if (process.env.CI === 'true') throw new Error(`${sentence} Run the tests as root in CI.`);
  return sentence;
}

/** Runs a program as `nobody` to its end. */
export async function runAsNobody(program: string, args: readonly string[]): Promise<Outcome> {
  const child = spawn(find(program) ?? program, args, { cwd: '/', uid: otherUid, gid: otherUid });
  child.stdin.end();
  return outcomeOf(child);
}
