/** Whether the live bastion's port can be reached from here. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { SessionView } from '../../../contracts/api.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** The attempt to hear sshd's first line. */
export interface Greeting {
  /** `SSH-2.0-OpenSSH_9.2`, or undefined if it did not come. */
  readonly line: string | undefined;
  /** Why it did not come. */
  readonly reason?: string;
  /** The address of this machine that the connection had. */
  readonly from?: string;
}

const timeoutMs = 5000;
/** https://datatracker.ietf.org/doc/html/rfc4253#section-4.2 */
const longestGreeting = 255;

export async function greetingOf(host: string, port: number): Promise<Greeting> {
  const signal = AbortSignal.timeout(timeoutMs);
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal });
    const from = socket.localAddress;
    const [data] = await once(socket, 'data', { signal });
    const [line = ''] = String(data).slice(0, longestGreeting).split(/\r?\n/);
    return { line: line.startsWith('SSH-') ? line : undefined, reason: `it says "${line}"`, ...(from && { from }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    return { line: undefined, reason: signal.aborted ? `nothing came in ${timeoutMs / 1000} s` : reason };
  } finally {
    socket.destroy();
  }
}

/** @param seen this machine's address as the API sees it */
export function portFinding(
  live: SessionView | undefined,
  greeting: Greeting | undefined,
  seen: string | undefined,
): Finding {
  const check = 'port';
  if (live === undefined || greeting === undefined) {
    return warning(check, 'It was not tried, because no bastion runs. Run "bastion up", then "bastion doctor" again.');
  }
  const { host = '', port = 0, allowedCidrs } = live;
  if (greeting.line !== undefined) return ok(check, `${host} port ${port} answers ${greeting.line}.`);
  return fault(
    check,
    `${host} port ${port} is out of reach: ${greeting.reason}. The bastion lets ${allowedCidrs.join(', ')} in, and the API sees ${seen ?? 'no address'}. ` +
      `Run "bastion up" to let this address in. If it stays, a firewall here stops port ${port}, or ssh leaves by another address.`,
  );
}
