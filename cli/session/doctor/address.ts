/** The address that the API sees and lets in, against the one that ssh comes from. */
import { isIPv4, isIPv6 } from 'node:net';
import type { SessionView } from '../../../contracts/api.ts';
import { type Finding, fault, ok, warning } from './finding.ts';
import type { Greeting } from './port.ts';

export interface Addresses {
  /** As the API sees this machine. */
  readonly seen: string | undefined;
  /** As the API sees it without the proxy. Undefined without a proxy, and `none` if there is no other way. */
  readonly direct: string | undefined;
  /** The attempt to reach the live bastion as ssh does. */
  readonly greeting: Greeting | undefined;
  readonly live: Pick<SessionView, 'host' | 'allowedCidrs'> | undefined;
}

export function addressFinding({ seen, direct, greeting, live }: Addresses): Finding {
  const check = 'address';
  if (seen === undefined) return warning(check, 'The API does not say which address it sees.');
  if (direct === 'none') {
    return fault(
      check,
      `The API sees ${seen} through the proxy, and ssh gets nowhere without it. Allow ssh out, or connect from elsewhere.`,
    );
  }
  const own = direct ?? publicAddress(greeting?.from);
  if (own !== undefined && own !== seen) {
    const remedy = direct === undefined ? 'Send both the same way.' : "Put the API's host into NO_PROXY.";
    return fault(check, `The API sees ${seen} and lets that in, but ssh comes from ${own}. ${remedy}`);
  }
  const { host } = live ?? {};
  if (host !== undefined && isIPv6(seen) && isIPv4(host)) {
    return fault(check, `The API sees ${seen}, but ssh goes to ${host} by IPv4. Reach the API by IPv4 too.`);
  }
  const allowed = live?.allowedCidrs.map((cidr) => cidr.replace(/\/(32|128)$/, '')) ?? [];
  if (live !== undefined && !allowed.includes(seen)) {
    return warning(
      check,
      `The API sees ${seen}, but the bastion lets ${allowed.join(', ')} in. The next "bastion up" moves it.`,
    );
  }
  return ok(check, `The API sees ${seen}, and finds no sign that ssh comes from another.`);
}

/** Undefined for an address that something else translates on its way to the API. */
export function publicAddress(address: string | undefined): string | undefined {
  if (address === undefined || !isIPv4(address)) return undefined;
  const [first = 0, second = 0] = address.split('.').map(Number);
  const isPrivate =
    [0, 10, 127].includes(first) ||
    (first === 100 && second >= 64 && second < 128) ||
    (first === 169 && second === 254) ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168);
  return isPrivate ? undefined : address;
}
