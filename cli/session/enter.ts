/** Runs ssh on the bastion, or on a host behind it. */
import { opensshVersion, runSsh } from '../ssh/openssh.ts';
import { bastionOptions, type Destination, jumpOption } from '../ssh/options.ts';
import { knownHostsFile, type LiveBastion } from '../state/session.ts';
import type { Context } from './context.ts';
import { type StartOptions, startBastion } from './start.ts';

/** @returns ssh's exit code */
export async function enterBastion(
  context: Context,
  options: StartOptions,
  target: string | undefined,
  args: readonly string[],
): Promise<number> {
  const version = await opensshVersion(); // without ssh no bastion starts
  const { bastion } = await startBastion(context, options);
  const destination = destinationOf(context, bastion);
  return target === undefined
    ? runSsh([...bastionOptions(destination, version), destination.alias, ...args])
    : runSsh([...jumpOption(destination, version), target, ...args]);
}

export const destinationOf = (
  { alias, folder }: Pick<Context, 'alias' | 'folder'>,
  bastion: LiveBastion,
): Destination => ({
  host: bastion.host,
  port: bastion.port,
  login: bastion.login,
  identity: bastion.identity,
  alias,
  knownHosts: knownHostsFile(folder),
});
