/** The parts of a reply that ssh gets. A reply with other text than addresses and keys in them is refused. */
import { isIP } from 'node:net';
import type { SessionView } from '../../contracts/api.ts';
import { badReply } from '../api/refusals.ts';
import type { LiveBastion } from '../state/session.ts';

/** `<type> <base64>`: no marker, no second name, no line of its own. */
const hostKeyForm = /^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*$/;

export function liveBastion(
  view: SessionView,
  alias: string,
  identity: string,
): { bastion: LiveBastion; knownHosts: string } {
  const { sessionId, user, host, port, login, keyFingerprint, hostKeys = [], expiresAt } = view;
  if (
    host === undefined ||
    port === undefined ||
    login === undefined ||
    keyFingerprint === undefined ||
    user === undefined
  ) {
    throw badReply(`session ${sessionId} is running without host, port, login, user or keyFingerprint`);
  }
  if (!/^[\w-]+$/.test(sessionId)) throw badReply(`sessionId is "${sessionId}"`);
  if (isIP(host) === 0) throw badReply(`host is "${host}"`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badReply(`port is ${port}`);
  if (!/^[^\s"'%-][^\s"'%]*$/.test(login)) throw badReply(`login is "${login}"`);
  if (hostKeys.length === 0) throw badReply('there are no host keys');
  const bad = hostKeys.find((hostKey) => !hostKeyForm.test(hostKey));
  if (bad !== undefined) throw badReply(`a host key is "${bad}"`);
  const seenAt = new Date().toISOString();
  return {
    bastion: { sessionId, user, host, port, login, keyFingerprint, identity, expiresAt, seenAt },
    knownHosts: hostKeys.map((hostKey) => `${alias} ${hostKey}\n`).join(''),
  };
}
