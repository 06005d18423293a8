/**
 * OpenSSH public keys, as a line of `authorized_keys` without options: type, base64 blob, comment.
 * The blob's format is RFC 4253 section 6.6: length-prefixed strings, the first of which repeats the type.
 */
import { InvalidRequest } from '../session/errors.ts';

const maxLineBytes = 8192;
const rsaBits = { least: 2048, most: 16_384 };

const types = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

/** Returns type and blob of the key in `text`, without its comment. Throws `InvalidRequest` with the problem. */
export function parsePublicKey(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const line = lines[0]?.trim();
  if (line === undefined) throw invalid('it is empty');
  if (lines.length > 1) throw invalid(`it has ${lines.length} lines; send one key`);
  if (line.length > maxLineBytes)
    throw invalid(`it has ${line.length} characters; at most ${maxLineBytes} are allowed`);
  if (line.includes('PRIVATE KEY'))
    throw invalid('it is a private key; send the .pub file and replace this key, it has left your machine');

  const [type = '', blob = ''] = line.split(/[ \t]+/);
  if (!types.includes(type)) {
    const hasOptions = types.some((known) => line.includes(` ${known} `));
    throw invalid(
      hasOptions
        ? 'it has options in front of the key; send the key alone'
        : `"${shortened(type)}" is no key type accepted here; accepted: ${types.join(', ')}`,
    );
  }
  checkBlob(type, blob);
  return `${type} ${blob}`;
}

function checkBlob(type: string, blob: string): void {
  const fields = sshStrings(blob);
  const [name, , modulus] = fields ?? [];
  if (!fields || name === undefined || text(name) !== type || fields.length < 2) {
    throw invalid(`its base64 part is damaged; compare it with the .pub file`);
  }
  if (type === 'ssh-rsa') {
    const bits = modulus ? bitLength(modulus) : 0;
    if (bits < rsaBits.least) throw invalid(`its RSA modulus has ${bits} bits; at least ${rsaBits.least} are needed`);
    if (bits > rsaBits.most) throw invalid(`its RSA modulus has ${bits} bits; OpenSSH takes at most ${rsaBits.most}`);
  }
}

/** The length-prefixed strings of a blob, or undefined when it is not made of them. */
function sshStrings(blob: string): Uint8Array[] | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(blob) || blob.length % 4 !== 0) return undefined;
  const bytes = Uint8Array.from(atob(blob), (char) => char.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const fields: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined;
    const length = view.getUint32(at);
    at += 4;
    if (length > bytes.length - at) return undefined;
    fields.push(bytes.subarray(at, at + length));
    at += length;
  }
  return fields;
}

function bitLength(integer: Uint8Array): number {
  const first = integer.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (integer.length - first - 1) * 8 + (32 - Math.clz32(integer[first] ?? 0));
}

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

const shortened = (word: string): string => (word.length > 40 ? `${word.slice(0, 40)}…` : word);

function invalid(problem: string): InvalidRequest {
  return new InvalidRequest(`The public key can't be used: ${problem}.`);
}
