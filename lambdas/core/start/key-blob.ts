/**
 * The base64 part of an OpenSSH public key: length-prefixed strings, the first of which repeats the type (RFC 4253 section 6.6,
 * RFC 5656 section 3.1, RFC 8709, OpenSSH's PROTOCOL.u2f). A key passes exactly when OpenSSH itself would read it.
 */
import { isPointOn, toInteger } from './nist-curves.ts';

const rsaBits = { least: 2048, most: 16_384 };
/** OpenSSL verifies no signature with a longer exponent. */
const mostExponentBits = 64;
const ed25519Bytes = 32;
const mostApplicationBytes = 255;

type Fields = readonly Uint8Array[];

/** For each type the checks of the fields behind its name. Each returns the problem, or undefined. */
const checks: Readonly<Record<string, (fields: Fields) => string | undefined>> = {
  'ssh-ed25519': exactly(1, ed25519),
  'ecdsa-sha2-nistp256': exactly(2, ecdsa('nistp256')),
  'ecdsa-sha2-nistp384': exactly(2, ecdsa('nistp384')),
  'ecdsa-sha2-nistp521': exactly(2, ecdsa('nistp521')),
  'ssh-rsa': exactly(2, rsa),
  'sk-ssh-ed25519@openssh.com': exactly(2, (fields) => ed25519(fields) ?? application(fields[1])),
  'sk-ecdsa-sha2-nistp256@openssh.com': exactly(3, (fields) => ecdsa('nistp256')(fields) ?? application(fields[2])),
};

/** The key types that a bastion accepts. */
export const keyTypes: readonly string[] = Object.keys(checks);

/** Returns the problem of a key's base64 part in words, or undefined when OpenSSH would read it. */
export function problemOf(type: string, base64: string): string | undefined {
  const fields = sshStrings(base64);
  const [name, ...rest] = fields ?? [];
  if (!fields || name === undefined) return 'its base64 part is damaged. Compare it with the .pub file';
  if (toText(name) !== type) return `its base64 part is of another type than "${type}". Compare it with the .pub file`;
  return checks[type]?.(rest);
}

function exactly(count: number, check: (fields: Fields) => string | undefined) {
  return (fields: Fields): string | undefined =>
    fields.length === count
      ? check(fields)
      : `it has ${fields.length} fields after its type, expected ${count}. Compare it with the .pub file`;
}

function ed25519([publicKey]: Fields): string | undefined {
  const bytes = publicKey?.length ?? 0;
  return bytes === ed25519Bytes ? undefined : `its Ed25519 key has ${bytes} bytes, expected ${ed25519Bytes}`;
}

function ecdsa(curveName: string) {
  return ([name = new Uint8Array(), point = new Uint8Array()]: Fields): string | undefined => {
    if (toText(name) !== curveName) return `it names another curve, expected ${curveName}`;
    return isPointOn(curveName, point) ? undefined : `its point does not lie on the curve ${curveName}`;
  };
}

function rsa([exponent = new Uint8Array(), modulus = new Uint8Array()]: Fields): string | undefined {
  if (isNegative(exponent) || isNegative(modulus)) return 'it has a negative number';
  const bits = bitLength(modulus);
  if (bits < rsaBits.least) return `its RSA modulus has ${bits} bits, expected at least ${rsaBits.least}`;
  if (bits > rsaBits.most) return `its RSA modulus has ${bits} bits, expected at most ${rsaBits.most}`;
  const exponentBits = bitLength(exponent);
  if (exponentBits > mostExponentBits) {
    return `its RSA exponent has ${exponentBits} bits, expected at most ${mostExponentBits}`;
  }
  const e = toInteger(exponent);
  if (e < 3n || e % 2n === 0n) return `its RSA exponent is ${e}, expected an odd number from 3`;
  return (modulus.at(-1) ?? 0) % 2 === 1 ? undefined : 'its RSA modulus is even';
}

/** The relying party of a security key, such as `ssh:`. */
function application(name: Uint8Array = new Uint8Array()): string | undefined {
  const text = toText(name);
  return /^[\x21-\x7e]+$/.test(text) && text.length <= mostApplicationBytes
    ? undefined
    : `its application has ${text.length} characters, expected 1 to ${mostApplicationBytes} visible ASCII characters`;
}

/** The strings of a blob, or undefined when the text is not canonical base64 of such strings. */
function sshStrings(base64: string): Uint8Array[] | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return undefined;
  const binary = atob(base64);
  if (btoa(binary) !== base64) return undefined; // bits behind the end are set, which OpenSSH refuses
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
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

/** An mpint (RFC 4251 section 5) is negative when its first bit is set. */
const isNegative = ([first = 0]: Uint8Array): boolean => first >= 0x80;

function bitLength(integer: Uint8Array): number {
  const first = integer.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (integer.length - first - 1) * 8 + (32 - Math.clz32(integer[first] ?? 0));
}

const toText = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
