/** Public keys of every type that OpenSSH knows, written field by field, so that a test can write wrong ones too. */
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';

/** A length-prefixed string of RFC 4251. */
export function sshString(content: Uint8Array | string): Buffer {
  const body = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

export const blobOf = (...fields: (Uint8Array | string)[]): Buffer => Buffer.concat(fields.map(sshString));

/** A public key line, without a comment. */
export const line = (type: string, ...fields: (Uint8Array | string)[]): string =>
  `${type} ${blobOf(type, ...fields).toString('base64')}`;

const bytesOf = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
/** A positive mpint of RFC 4251. */
export const mpint = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.alloc((bytes[0] ?? 0) >= 0x80 ? 1 : 0), bytes]);

const jwk = (pair: { publicKey: { export(options: { format: 'jwk' }): JsonWebKey } }) =>
  pair.publicKey.export({ format: 'jwk' });

/** A point of a key that was generated now. */
export function pointOn(namedCurve: 'P-256' | 'P-384' | 'P-521'): Buffer {
  const { x, y } = jwk(generateKeyPairSync('ec', { namedCurve }));
  return Buffer.concat([Buffer.from([4]), bytesOf(x), bytesOf(y)]);
}

export function rsaNumbers(modulusLength: number): { readonly e: Buffer; readonly n: Buffer } {
  const { e, n } = jwk(generateKeyPairSync('rsa', { modulusLength }));
  return { e: mpint(bytesOf(e)), n: mpint(bytesOf(n)) };
}

export const ed25519Point = (): Buffer => bytesOf(jwk(generateKeyPairSync('ed25519')).x);
