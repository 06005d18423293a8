/** Public keys of every type that OpenSSH knows, written field by field, so that a test can write wrong ones too. */
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { curves } from '../../lambdas/core/start/nist-curves.ts';

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

/**
 * A point whose first coordinate is the next from `x` on, or the next below it where `x` is negative and so counts from the
 * largest. Nobody knows its private half.
 */
export function pointNear(name: string, x: bigint): Buffer {
  const { p, b } = curves[name] ?? { p: 1n, b: 0n };
  const size = Math.ceil(p.toString(16).length / 2);
  const hex = (value: bigint) => value.toString(16).padStart(2 * size, '0');
  for (let at = x < 0n ? p + x : x; ; at += x < 0n ? -1n : 1n) {
    const square = (((at * at * at - 3n * at + b) % p) + p) % p;
    const y = power(square, (p + 1n) / 4n, p); // each of these primes is 3 modulo 4
    if ((y * y) % p === square) return Buffer.from(`04${hex(at)}${hex(y)}`, 'hex');
  }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, factor] = [1n, base];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % modulus;
    factor = (factor * factor) % modulus;
  }
  return result;
}

export function rsaNumbers(modulusLength: number): { readonly e: Buffer; readonly n: Buffer } {
  const { e, n } = jwk(generateKeyPairSync('rsa', { modulusLength }));
  return { e: mpint(bytesOf(e)), n: mpint(bytesOf(n)) };
}

export const ed25519Point = (): Buffer => bytesOf(jwk(generateKeyPairSync('ed25519')).x);
