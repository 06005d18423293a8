/** OpenSSH's public key lines, as far as the command must read them. The API checks them in full. */
import { createHash } from 'node:crypto';

export interface PublicKey {
  /** `<type> <base64>`, without the comment. */
  readonly line: string;
  /** As `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
}

/** Types that a bastion accepts. */
const types = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

/** A shorter RSA key is refused. Its blob holds the modulus, a header and an exponent. */
const leastRsaBlobBytes = 256 + 22;

/** The first public key of a text that a bastion accepts. */
export function publicKeyIn(text: string): PublicKey | undefined {
  return publicKeysIn(text)[0];
}

/** The public keys of a text that a bastion accepts, such as the output of `ssh-add -L`. */
export function publicKeysIn(text: string): PublicKey[] {
  return text.split('\n').flatMap((line) => {
    const [type = '', base64 = ''] = line.trim().split(/\s+/);
    const blob = Buffer.from(base64, 'base64');
    if (!types.includes(type) || blob.length === 0) return [];
    if (type === 'ssh-rsa' && blob.length < leastRsaBlobBytes) return [];
    const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
    return [{ line: `${type} ${base64}`, fingerprint }];
  });
}
