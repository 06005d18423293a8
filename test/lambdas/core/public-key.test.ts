import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parsePublicKey } from '../../../lambdas/core/start/public-key.ts';

const string = (bytes: Uint8Array | string): Buffer => {
  const body = Buffer.from(bytes as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};
const key = (type: string, ...fields: (Uint8Array | string)[]) =>
  `${type} ${Buffer.concat([string(type), ...fields.map(string)]).toString('base64')}`;

function rsa(bits: number): string {
  const modulus = Buffer.alloc(bits / 8 + 1, 0xff);
  modulus[0] = 0; // mpint: a leading zero keeps it positive
  return key('ssh-rsa', Buffer.from([1, 0, 1]), modulus);
}

const ed25519 = key('ssh-ed25519', Buffer.alloc(32, 7));

describe('a public key', () => {
  it.each([
    ['ed25519', ed25519],
    ['ecdsa 256', key('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(65, 4))],
    ['ecdsa 384', key('ecdsa-sha2-nistp384', 'nistp384', Buffer.alloc(97, 4))],
    ['ecdsa 521', key('ecdsa-sha2-nistp521', 'nistp521', Buffer.alloc(133, 4))],
    ['rsa of 2048 bits', rsa(2048)],
    ['rsa of 16384 bits', rsa(16384)],
    ['ed25519 on a security key', key('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 7), 'ssh:')],
    ['ecdsa on a security key', key('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', Buffer.alloc(65, 4), 'ssh:')],
  ])('is accepted: %s', (_, line) => {
    expect(parsePublicKey(line)).toBe(line);
  });

  it('is accepted as Node makes it, with RSA', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
    const line = key(
      'ssh-rsa',
      Buffer.from(e, 'base64url'),
      Buffer.concat([Buffer.alloc(1), Buffer.from(n, 'base64url')]),
    );
    expect(parsePublicKey(line)).toBe(line);
  });

  it.each([
    ['with a comment', `${ed25519} arjen@laptop of Arjen`],
    ['with a newline', `${ed25519}\n`],
    ['with a Windows newline', `${ed25519} arjen\r\n`],
    ['with blanks around', `  ${ed25519}  `],
  ])('loses what stands around it: %s', (_, line) => {
    expect(parsePublicKey(line)).toBe(ed25519);
  });
});

describe('a line that is no usable public key', () => {
  it.each([
    ['empty', '   ', /it is empty/],
    ['two keys', `${ed25519}\n${ed25519}`, /it has 2 lines/],
    ['options in front', `no-pty,command="ls -l" ${ed25519}`, /options in front/],
    ['DSA', key('ssh-dss', Buffer.alloc(128, 1)), /"ssh-dss" is no key type accepted here/],
    ['a certificate', key('ssh-ed25519-cert-v01@openssh.com', Buffer.alloc(32, 7)), /no key type accepted/],
    ['weak RSA', rsa(1024), /1024 bits; at least 2048/],
    ['RSA beyond what OpenSSH reads', rsa(16392), /at most 16384/],
    ['no blob', 'ssh-ed25519', /damaged/],
    ['not base64', 'ssh-ed25519 AAAA*', /damaged/],
    ['a blob of another type', `ssh-ed25519 ${rsa(2048).split(' ')[1]}`, /damaged/],
    ['a blob cut short', `ssh-ed25519 ${ed25519.split(' ')[1]?.slice(0, 40)}`, /damaged/],
    ['a length beyond the end', `ssh-ed25519 ${Buffer.from([0x7f, 255, 255, 255, 1]).toString('base64')}`, /damaged/],
    ['very long', `${ed25519} ${'x'.repeat(9000)}`, /at most 8192/],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----', /private key/],
    ['words', 'hello world', /"hello" is no key type/],
  ])('is refused with its reason: %s', (_, line, message) => {
    expect(() => parsePublicKey(line)).toThrow(message);
  });
});
