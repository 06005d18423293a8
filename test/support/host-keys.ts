/** Host keys in name only: the same ones for the same number, for runs that have no sshd. */
import { hostKeyValues } from '../../contracts/agent.ts';
import type { HostKeys } from '../../lambdas/core/session/ports.ts';

export const scriptedHostKeys = (n: number): HostKeys => ({
  publicKeys: [`ssh-ed25519 AAAA${n}`, `ecdsa-sha2-nistp256 AAAA${n}`],
  handoffValues: {
    [hostKeyValues.ed25519]: `private ed25519 host key ${n}`,
    [hostKeyValues.ecdsa]: `private ecdsa host key ${n}`,
  },
});
