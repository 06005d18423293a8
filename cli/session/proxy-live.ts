/** The proxy for a bastion that the disk does not remember, or that did not answer at the address on the disk. */
import { finished } from 'node:stream/promises';
import type { SessionView } from '../../contracts/api.ts';
import { disconnection } from '../ssh/disconnect.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import type { Context } from './context.ts';
import { connectTo, pipeStandardStreams } from './proxy.ts';
import { implicitStart, startBastion } from './start.ts';

/** Asks the API first, which also lets in the address that this machine has now. */
export async function proxy(context: Context): Promise<void> {
  const { view, bastion } = await startBastion(context, implicitStart(context.env));
  await pipeStandardStreams(
    await connectTo(bastion).catch((error: unknown) => Promise.reject(noWay(context, view, error))),
  );
}

/** How long ssh may take to read why it gets no connection. */
const refusalMs = 2000;

/** Tells ssh why there is no connection, and waits until it has read that. A person at a terminal gets the text alone. */
export async function refuse(text: string): Promise<void> {
  if (process.stdout.isTTY) {
    process.stderr.write(`${text}\n`);
    return;
  }
  process.stdout.write(disconnection(text));
  await finished(process.stdin.resume(), { signal: AbortSignal.timeout(refusalMs) }).catch(() => {});
}

/** The API and sshd may see different addresses, for example behind a split VPN. */
function noWay({ api }: Context, { host, port, allowedCidrs }: SessionView, error: unknown): CliError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CliError(
    `The bastion at ${host} port ${port} cannot be reached: ${reason}. It lets in ${allowedCidrs.join(', ')}, and the API sees this machine as ${api.callerAddress ?? 'an unknown address'}. Check that ssh leaves by the same way, and that no firewall stops it.`,
    exitCodes.failed,
    { cause: error },
  );
}
