/**
 * Ed25519 keys in OpenSSH's own formats.
 * https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
 */

/** A key pair as RFC 8032 has it: the seed, and the public key that follows from it. */
export interface Ed25519Key {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
}

const type = 'ssh-ed25519';

/** One line, as in `id_ed25519.pub`. */
export const publicKeyLine = ({ publicKey }: Ed25519Key, comment: string): string =>
  `${type} ${base64(publicBlob(publicKey))} ${comment}`;

/** A private key file without a passphrase. */
export function privateKeyFile({ seed, publicKey }: Ed25519Key, comment: string): string {
  const check = crypto.getRandomValues(new Uint8Array(4)); // twice the same, by which a reader sees that it decrypted rightly
  const secrets = join(check, check, string(type), string(publicKey), string(join(seed, publicKey)), string(comment));
  const padding = Uint8Array.from({ length: -secrets.length & 7 }, (_, at) => at + 1);
  const file = join(
    encode('openssh-key-v1\0'),
    string('none'), // cipher
    string('none'), // derivation of the cipher's key
    string(''), // its options
    uint32(1), // keys
    string(publicBlob(publicKey)),
    string(join(secrets, padding)),
  );
  const lines = base64(file).match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** `SHA256:…`, as `ssh-keygen -l` shows the key. */
export async function fingerprintOf({ publicKey }: Pick<Ed25519Key, 'publicKey'>): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', publicBlob(publicKey));
  return `SHA256:${base64(new Uint8Array(hash)).replaceAll('=', '')}`;
}

const publicBlob = (publicKey: Uint8Array) => join(string(type), string(publicKey));

/** A text or bytes behind their length. https://www.rfc-editor.org/rfc/rfc4251#section-5 */
function string(value: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof value === 'string' ? encode(value) : value;
  return join(uint32(bytes.length), bytes);
}

function uint32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const encode = (text: string) => new TextEncoder().encode(text);

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
