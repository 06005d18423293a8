import { createHash } from 'node:crypto';

/** The fingerprint of a public key line as OpenSSH shows it: `SHA256:…`, as in `ssh-keygen -l` and in sshd's log. */
export function fingerprintOf(publicKey: string): string {
  const [, base64 = ''] = publicKey.split(' ');
  const digest = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}
