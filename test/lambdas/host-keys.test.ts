/** Host keys are judged by OpenSSH itself, and by the parts that Node gives of them. */
import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostKeyValues } from '../../contracts/agent.ts';
import { fingerprintOf } from '../../lambdas/fingerprint.ts';
import { makeHostKeys } from '../../lambdas/host-keys.ts';
import { run } from '../support/ssh.ts';
import { blobOf, mpint } from '../support/ssh-keys.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const pairs = 50;

interface HostKey {
  readonly type: string;
  readonly publicKey: string;
  readonly privateKey: string;
}

async function makeKeys(): Promise<HostKey[]> {
  const { publicKeys, handoffValues } = await makeHostKeys();
  const privateKeys = [handoffValues[hostKeyValues.ed25519], handoffValues[hostKeyValues.ecdsa]];
  return publicKeys.map((publicKey, n) => ({
    type: publicKey.split(' ')[0] ?? '',
    publicKey,
    privateKey: privateKeys[n] ?? '',
  }));
}

/** What OpenSSH reads out of a private key file: its public key, and the fingerprint of it. */
async function readByOpenSsh({ privateKey }: HostKey) {
  await using folder = await makeTemporaryFolder('host-key');
  const file = join(folder.path, 'key');
  await writeFile(file, privateKey, { mode: 0o600 });
  const [derived, listed] = await Promise.all([
    run('ssh-keygen', ['-y', '-P', '', '-f', file]),
    run('ssh-keygen', ['-l', '-f', file]),
  ]);
  return { publicKey: derived.stdout.trim(), listed: listed.stdout.trim() };
}

async function expectRead(key: HostKey) {
  const { publicKey, listed } = await readByOpenSsh(key);
  expect(publicKey.split(' ').slice(0, 2).join(' ')).toBe(key.publicKey);
  expect(listed.split(' ').slice(0, 2)).toEqual(['256', fingerprintOf(key.publicKey)]);
}

/** The fields of the format, read independently: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function fieldsOf(privateKey: string) {
  const [first, ...lines] = privateKey.trimEnd().split('\n');
  expect([first, lines.pop()]).toEqual(['-----BEGIN OPENSSH PRIVATE KEY-----', '-----END OPENSSH PRIVATE KEY-----']);
  expect(lines.every((line) => line.length <= 70)).toBe(true);
  const bytes = Buffer.from(lines.join(''), 'base64');
  const magic = 'openssh-key-v1\0';
  expect(bytes.subarray(0, magic.length).toString()).toBe(magic);
  const outer = new Reader(bytes.subarray(magic.length));
  const [cipher, derivation, options] = [outer.string(), outer.string(), outer.string()].map(String);
  expect([cipher, derivation, options, outer.uint32()]).toEqual(['none', 'none', '', 1]);
  const publicBlob = outer.string();
  const secret = outer.string();
  expect(outer.rest).toHaveLength(0);
  expect(secret.length % 8).toBe(0);
  const inner = new Reader(secret);
  expect(inner.uint32()).toBe(inner.uint32());
  const type = String(inner.string());
  const parts = Array.from({ length: type === 'ssh-ed25519' ? 2 : 3 }, () => inner.string());
  expect(String(inner.string())).toBe(''); // the comment
  expect([...inner.rest]).toEqual(Array.from({ length: inner.rest.length }, (_, n) => n + 1));
  expect(inner.rest.length).toBeLessThan(8);
  return { type, parts, publicBlob };
}

class Reader {
  rest: Buffer;

  constructor(bytes: Buffer) {
    this.rest = bytes;
  }

  uint32(): number {
    const value = this.rest.readUInt32BE();
    this.rest = this.rest.subarray(4);
    return value;
  }

  string(): Buffer {
    const length = this.uint32();
    const value = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    return value;
  }
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** Checks every field, and that the private half belongs to the public one. @returns the parts of an ECDSA key, 32 bytes each */
function expectWellFormed({ type, publicKey, privateKey }: HostKey) {
  const fields = fieldsOf(privateKey);
  expect(fields.type).toBe(type);
  expect(publicKey).toBe(`${type} ${fields.publicBlob.toString('base64')}`);
  const [first, second, third] = fields.parts;
  if (first === undefined || second === undefined) throw new Error('Got too few parts, expected those of a key.');
  if (third === undefined) {
    expect([first.length, second.length]).toEqual([32, 64]);
    expect(fields.publicBlob).toEqual(blobOf(type, first));
    expectPair({ kty: 'OKP', crv: 'Ed25519', x: base64url(first), d: base64url(second.subarray(0, 32)) });
    expect(second.subarray(32)).toEqual(first);
    return undefined;
  }
  const [point, scalar] = [second, third];
  expect([String(first), point.length, point[0]]).toEqual(['nistp256', 65, 4]);
  expect(fields.publicBlob).toEqual(blobOf(type, first, point));
  const significant = scalar.subarray(scalar.findIndex((byte) => byte !== 0));
  expect(scalar).toEqual(mpint(significant)); // the shortest form
  const d = Buffer.concat([Buffer.alloc(32 - significant.length), significant]);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)];
  expectPair({ kty: 'EC', crv: 'P-256', x: base64url(x), y: base64url(y), d: base64url(d) });
  return { d, x, y };
}

/** Node refuses an EC key whose halves do not belong together, and derives the public half of an Ed25519 key itself. */
function expectPair(jwk: JsonWebKey): void {
  expect(createPrivateKey({ key: jwk, format: 'jwk' }).export({ format: 'jwk' })).toMatchObject(jwk);
}

describe('host keys', () => {
  it(`of ${pairs} bastions are read by OpenSSH, and belong to their public halves`, async () => {
    const seen = new Set<string>();
    for (let n = 0; n < pairs; n++) {
      const keys = await makeKeys();
      expect(keys.map(({ type }) => type)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
      for (const key of keys) {
        await expectRead(key);
        seen.add(key.publicKey);
      }
    }
    expect(seen.size).toBe(2 * pairs);
  });

  it('are well formed also if a part of them begins with a zero byte, or its first bit is set', async () => {
    const missing = new Set(['d begins with 0', 'd begins with 1', 'x begins with 0', 'y begins with 0']);
    while (missing.size > 0) {
      const [ed25519, ecdsa] = await makeKeys();
      if (ed25519 === undefined || ecdsa === undefined) throw new Error('Got too few host keys, expected two.');
      expectWellFormed(ed25519);
      const { d, x, y } = expectWellFormed(ecdsa) ?? {};
      const found = [
        ...(d?.[0] === 0 ? ['d begins with 0'] : []),
        ...((d?.[0] ?? 0) >= 0x80 ? ['d begins with 1'] : []),
        ...(x?.[0] === 0 ? ['x begins with 0'] : []),
        ...(y?.[0] === 0 ? ['y begins with 0'] : []),
      ].filter((one) => missing.delete(one));
      if (found.length > 0) await expectRead(ecdsa);
    }
  });
});
