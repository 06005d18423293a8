import { describe, expect, it } from 'vitest';
import { keyTypes } from '../../../lambdas/core/start/key-blob.ts';
import { parsePublicKey } from '../../../lambdas/core/start/public-key.ts';
import { blobOf, ed25519Point, line, pointOn, rsaNumbers } from '../../support/ssh-keys.ts';

const point = ed25519Point();
const ed25519 = line('ssh-ed25519', point);
const p256 = pointOn('P-256');
const { e, n } = rsaNumbers(2048);
const rsa = line('ssh-rsa', e, n);

/** A modulus of this many bits. Any odd number does: OpenSSH does not factor it. */
function rsaOf(bits: number): string {
  const modulus = Buffer.alloc(bits / 8 + 1, 0xff);
  modulus[0] = 0; // mpint: a leading zero keeps it positive
  return line('ssh-rsa', Buffer.from([1, 0, 1]), modulus);
}

const accepted: Readonly<Record<string, string>> = {
  'ssh-ed25519': ed25519,
  'ecdsa-sha2-nistp256': line('ecdsa-sha2-nistp256', 'nistp256', p256),
  'ecdsa-sha2-nistp384': line('ecdsa-sha2-nistp384', 'nistp384', pointOn('P-384')),
  'ecdsa-sha2-nistp521': line('ecdsa-sha2-nistp521', 'nistp521', pointOn('P-521')),
  'ssh-rsa': rsa,
  'sk-ssh-ed25519@openssh.com': line('sk-ssh-ed25519@openssh.com', point, 'ssh:'),
  'sk-ecdsa-sha2-nistp256@openssh.com': line('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', p256, 'ssh:'),
};

describe('a public key line', () => {
  it.each(keyTypes)('of type %s is accepted', (type) => {
    const key = accepted[type] ?? '';
    expect(parsePublicKey(key)).toBe(key);
  });

  it.each([2048, 16_384])('of RSA with %i bits is accepted', (bits) => {
    expect(parsePublicKey(rsaOf(bits))).toBe(rsaOf(bits));
  });

  it.each([
    ['a comment', `${ed25519} arjen@laptop of Arjen`],
    ['a comment that speaks of a private key', `${ed25519} my private key`],
    ['a newline', `${ed25519}\n`],
    ['a Windows newline', `${ed25519} arjen\r\n`],
    ['blanks around it', `  ${ed25519}  `],
    ['a comment line above it', `# of Arjen\n${ed25519}\n`],
    ['blank lines around it', `\n\n${ed25519}\n\n`],
  ])('with %s is accepted as the key alone', (_, text) => {
    expect(parsePublicKey(text)).toBe(ed25519);
  });
});

const base64 = ed25519.split(' ')[1] ?? '';
const offCurve = Buffer.from(p256);
offCurve[64] = (offCurve[64] ?? 0) ^ 1;
const compressed = Buffer.concat([Buffer.from([2]), p256.subarray(1, 33)]);

/** The same key, with a bit set in the last character of base64 that decodes to nothing. */
const withLooseBits = (key: string): string =>
  key.replace(/([A-Za-z0-9+/])=$/, (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=`);

describe('a public key is refused', () => {
  it.each([
    ['that is empty', '   ', /it is empty/],
    ['of comments alone', '# one\n# two', /it is empty/],
    ['beside another', `${ed25519}\n${ed25519}`, /it has 2 lines, expected one key/],
    ['with a comment beside another', `${ed25519} ann\n${rsa} ann`, /it has 2 lines, expected one key/],
    ['that a mailer has wrapped', `ssh-rsa ${rsa.slice(8, 80)}\n${rsa.slice(80)} ann`, /wrapped over 2 lines/],
    ['that is wrapped behind its type', `ssh-ed25519\n${base64}`, /wrapped over 2 lines/],
    ['with options in front', `no-pty,command="ls -l" ${ed25519}`, /options in front/],
    ['of type DSA', line('ssh-dss', Buffer.alloc(128, 1)), /"ssh-dss" is no key type accepted here/],
    ['that is a certificate', line('ssh-ed25519-cert-v01@openssh.com', point), /an OpenSSH certificate/],
    ['that is very long', `${ed25519} ${'x'.repeat(9000)}`, /at most 8192/],
    ['that is words', 'hello world', /"hello" is no key type/],
    ['without its base64 part', 'ssh-ed25519', /damaged/],
    ['that is not base64', 'ssh-ed25519 AAAA*', /damaged/],
    ['that is not canonical base64', withLooseBits(accepted['ecdsa-sha2-nistp256'] ?? ''), /damaged/],
    ['of another type than its name', `ssh-ed25519 ${rsa.split(' ')[1]}`, /of another type/],
    ['that is cut short', `ssh-ed25519 ${base64.slice(0, 40)}`, /damaged/],
    [
      'with a length beyond its end',
      `ssh-ed25519 ${Buffer.from([0x7f, 255, 255, 255, 1]).toString('base64')}`,
      /damaged/,
    ],
    ['of 31 bytes Ed25519', line('ssh-ed25519', Buffer.alloc(31, 7)), /31 bytes, expected 32/],
    ['with a field too many', line('ssh-ed25519', point, 'more'), /2 fields after its type, expected 1/],
    ['with a field too few', line('ssh-rsa', e), /1 fields after its type, expected 2/],
    ['on another curve than its type', line('ecdsa-sha2-nistp256', 'nistp384', pointOn('P-384')), /another curve/],
    ['with a point of another curve', line('ecdsa-sha2-nistp256', 'nistp256', pointOn('P-384')), /does not lie on/],
    ['with a point off its curve', line('ecdsa-sha2-nistp256', 'nistp256', offCurve), /does not lie on/],
    ['with a compressed point', line('ecdsa-sha2-nistp256', 'nistp256', compressed), /does not lie on/],
    ['of weak RSA', rsaOf(1024), /1024 bits, expected at least 2048/],
    ['of RSA beyond 16384 bits', rsaOf(16_392), /expected at most 16384/],
    ['with a negative RSA modulus', line('ssh-rsa', e, Buffer.alloc(256, 0xff)), /negative number/],
    ['with an even RSA exponent', line('ssh-rsa', Buffer.from([2]), n), /exponent is 2/],
    ['with an RSA exponent of 65 bits', line('ssh-rsa', Buffer.alloc(9, 1), n), /expected at most 64/],
    ['of a security key without application', line('sk-ssh-ed25519@openssh.com', point, ''), /application has 0/],
    ['with an invisible character', `ssh-ed25519 ${base64}\u200b`, /invisible characters: ".*\\u\{200b\}|invisible/],
    ['behind a byte order mark', `\ufeff${ed25519}`, /"\\u\{feff\}ssh-ed25519" is no key type/],
    ['behind a no-break space', `ssh-ed25519\u00a0${base64}`, /"ssh-ed25519\\u\{a0\}/],
  ])('%s', (_, text, message) => {
    expect(() => parsePublicKey(text)).toThrow(message);
  });

  it('by the name that it is stored under', () => {
    expect(() => parsePublicKey('rubbish', 'The public key stored as /bastions/keys/ann')).toThrow(
      /^The public key stored as \/bastions\/keys\/ann can't be used/,
    );
  });

  it('for a blob without any field', () => {
    expect(() => parsePublicKey(`ssh-ed25519 ${blobOf('').toString('base64')}`)).toThrow(/of another type/);
  });
});
