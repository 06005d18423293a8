/**
 * The host keys of a bastion (docs/decisions/0019): Ed25519, and ECDSA P-256 for clients that know no Ed25519. The private
 * halves are in OpenSSH's own format, because not every sshd reads another for Ed25519.
 * https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
 */
import { generateKeyPair, type JsonWebKey, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { hostKeyValues } from '../contracts/agent.ts';
import type { HostKeys } from './core/session/ports.ts';

const generate = promisify(generateKeyPair);

interface HostKey {
  /** `<type> <base64>` */
  readonly publicKey: string;
  /** A private key file. */
  readonly privateKey: string;
}

export async function makeHostKeys(): Promise<HostKeys> {
  const [ed25519, ecdsa] = await Promise.all([makeEd25519(), makeEcdsa()]);
  return {
    publicKeys: [ed25519.publicKey, ecdsa.publicKey],
    handoffValues: { [hostKeyValues.ed25519]: ed25519.privateKey, [hostKeyValues.ecdsa]: ecdsa.privateKey },
  };
}

async function makeEd25519(): Promise<HostKey> {
  const { privateKey } = await generate('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const [publicPart, seed] = [bytesOf(jwk, 'x'), bytesOf(jwk, 'd')];
  return hostKey('ssh-ed25519', [publicPart], [Buffer.concat([seed, publicPart])]);
}

async function makeEcdsa(): Promise<HostKey> {
  const { privateKey } = await generate('ec', { namedCurve: 'P-256' });
  const jwk = privateKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), bytesOf(jwk, 'x'), bytesOf(jwk, 'y')]);
  return hostKey('ecdsa-sha2-nistp256', [Buffer.from('nistp256'), point], [mpint(bytesOf(jwk, 'd'))]);
}

function bytesOf(jwk: JsonWebKey, part: 'd' | 'x' | 'y'): Buffer {
  const text = jwk[part];
  if (text === undefined) throw new Error(`Node made a key without its part ${part}, expected one with it.`);
  return Buffer.from(text, 'base64url');
}

function hostKey(type: string, publicParts: readonly Buffer[], privateParts: readonly Buffer[]): HostKey {
  const publicFields = strings(Buffer.from(type), ...publicParts);
  const check = randomBytes(4); // twice the same: a reader compares the two to see whether it decrypted well
  const comment = Buffer.alloc(0);
  const secret = padded(Buffer.concat([check, check, publicFields, strings(...privateParts, comment)]));
  const none = Buffer.from('none');
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    strings(none, none, Buffer.alloc(0)), // cipher, key derivation and its options: a key without a passphrase
    uint32(1),
    strings(publicFields, secret),
  ]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return {
    publicKey: `${type} ${publicFields.toString('base64')}`,
    privateKey: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
  };
}

const blockBytes = 8;

/** Pads with 1, 2, 3, … to whole blocks. */
function padded(bytes: Buffer): Buffer {
  const missing = (blockBytes - (bytes.length % blockBytes)) % blockBytes;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, n) => n + 1))]);
}

/** SSH's form of a list of strings: each with its length in front. https://www.rfc-editor.org/rfc/rfc4251#section-5 */
const strings = (...parts: readonly Buffer[]): Buffer =>
  Buffer.concat(parts.flatMap((part) => [uint32(part.length), part]));

/** SSH's form of a positive number: without leading zeros, and with one when the first bit is set. */
function mpint(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.alloc(0) : bytes.subarray(first);
  return (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
