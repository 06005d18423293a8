/** Keys as real programs write them, and mutations of them. ssh-keygen is the judge: nothing passes here that it refuses. */

import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePublicKey } from '../../../lambdas/core/start/public-key.ts';
import { run } from '../../support/ssh.ts';
import { line, pointNear, pointOn } from '../../support/ssh-keys.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
const file = (name: string) => join(folder.path, name);
const contents = (name: string) => readFile(file(name), 'utf8');

beforeAll(async () => {
  folder = await makeTemporaryFolder('key-corpus');
});
afterAll(() => folder.remove());

async function keygen(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run('ssh-keygen', args);
  if (code !== 0) throw new Error(`ssh-keygen ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

/** The type and size of every key that ssh-keygen can make without a security key. */
const kinds = [
  ['ed25519', '256'],
  ['ecdsa', '256'],
  ['ecdsa', '384'],
  ['ecdsa', '521'],
  ['rsa', '2048'],
  ['rsa', '3072'],
] as const;

const nameOf = (type: string, bits: string) => `${type}-${bits}`;
const make = async (type: string, bits: string, ...more: string[]): Promise<string> => {
  const name = [nameOf(type, bits), ...more.map((word) => word.replace(/\W/g, ''))].join('_');
  await keygen('-q', '-t', type, '-b', bits, '-N', '', '-C', 'ann@laptop', '-f', file(name), ...more);
  return name;
};

describe.each(kinds)('a key of ssh-keygen -t %s -b %s', (type, bits) => {
  it('is accepted as its .pub file', async () => {
    const publicKey = await contents(`${await make(type, bits)}.pub`);
    expect(parsePublicKey(publicKey)).toBe(publicKey.split(' ').slice(0, 2).join(' '));
  });

  it.each([
    ['RFC4716', /RFC 4716.*ssh-keygen -i -f/],
    ...(type === 'ed25519' ? [] : [['PKCS8', /PKCS #8.*ssh-keygen -i -m PKCS8 -f/] as const]), // ssh-keygen exports none
    ...(type === 'rsa' ? [['PEM', /PKCS #1.*ssh-keygen -i -m PEM -f/] as const] : []),
  ] as const)('is refused in the format %s, with the command that converts it', async (format, message) => {
    const exported = await keygen('-e', '-m', format, '-f', file(`${nameOf(type, bits)}.pub`));
    expect(() => parsePublicKey(exported)).toThrow(message);
  });

  it('is refused with a warning as a private key', async () => {
    const privateKey = await contents(nameOf(type, bits));
    expect(() => parsePublicKey(privateKey)).toThrow(/private key, and it has left your machine/);
    expect(() => parsePublicKey(privateKey.replaceAll('\n', ' '))).toThrow(/private key/);
    expect(() => parsePublicKey(privateKey.split('\n').slice(1, 3).join('\n'))).toThrow(/private key/);
  });
});

describe('a private key', () => {
  it.each(['PEM', 'PKCS8'])('of ssh-keygen -m %s is refused with a warning', async (format) => {
    const name = await make('rsa', '2048', '-m', format);
    expect(() => parsePublicKey(`${name}`)).toThrow();
    await expect(contents(name).then((text) => parsePublicKey(text))).rejects.toThrow(/left your machine/);
  });

  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  const encrypted = ed25519.export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: 'p' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  it.each<[name: string, text: string | Buffer]>([
    [
      'encrypted PKCS #8',
      pair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' }),
    ],
    ['SEC 1', pair.privateKey.export({ type: 'sec1', format: 'pem' })],
    ['JWK', JSON.stringify(pair.privateKey.export({ format: 'jwk' }))],
    ['PuTTY 2', 'PuTTY-User-Key-File-2: ssh-ed25519\nEncryption: none\nComment: ann\n'],
    ['PuTTY 3', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: ann\n'],
    ['the last lines of PuTTY', 'AAAA\nPrivate-Lines: 1\nAAAAIA==\nPrivate-MAC: 00\n'],
    ['ssh.com', '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAA\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n'],
    ['PGP', '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ\n-----END PGP PRIVATE KEY BLOCK-----\n'],
    ['age', 'AGE-SECRET-KEY-1QQQQ'],
    ...(['pkcs8', 'sec1'] as const).flatMap((type): [string, string][] => {
      const [, ...lines] = String(pair.privateKey.export({ type, format: 'pem' }))
        .trim()
        .split('\n');
      return [
        [`the lines of ${type} alone`, lines.slice(0, -1).join('\n')],
        [`the base64 of ${type}`, lines.slice(0, -1).join('')],
      ];
    }),
    ['the base64 of Ed25519', ed25519.export({ type: 'pkcs8', format: 'der' }).toString('base64')],
    ['the base64 of PKCS #1', rsa.export({ type: 'pkcs1', format: 'der' }).toString('base64')],
    ['a form', String(new URLSearchParams({ key: String(rsa.export({ type: 'pkcs1', format: 'pem' })) }))],
    ['DER', rsa.export({ type: 'pkcs1', format: 'der' }).toString('latin1')],
    ['the base64 of an encrypted one', encrypted.toString('base64')],
    ['a part of a URL', encodeURIComponent(String(rsa.export({ type: 'pkcs1', format: 'pem' })))],
    ['base64 of PEM', Buffer.from(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })).toString('base64')],
    ['UTF-16', Buffer.from('-----BEGIN PRIVATE KEY-----\n', 'utf16le').toString('latin1')],
  ])('as %s is refused with a warning', (_, text) => {
    expect(() => parsePublicKey(String(text))).toThrow(/left your machine/);
  });
});

describe.each(['nistp256', 'nistp384', 'nistp521'])('a point on %s', (curve) => {
  it.each([
    ['a tiny coordinate', 5n],
    ['a coordinate beyond the number of points', -1n],
  ])('with %s is refused, as ssh-keygen refuses it', async (_, x) => {
    const key = line(`ecdsa-sha2-${curve}`, curve, pointNear(curve, x));
    await writeFile(file('extreme.pub'), `${key}\n`);
    await expect(keygen('-l', '-f', file('extreme.pub'))).rejects.toThrow('is not a public key file');
    expect(() => parsePublicKey(key)).toThrow(/does not lie on the curve/);
  });
});

/** Changes of a key's line, each by a number that says where or how much. */
const mutations = {
  'flips a bit': (blob: Buffer, at: number) => {
    const place = at % blob.length;
    blob[place] = (blob[place] ?? 0) ^ (1 << (at % 8));
    return blob;
  },
  'cuts the end off': (blob: Buffer, at: number) => blob.subarray(0, blob.length - 1 - (at % 40)),
  'adds bytes': (blob: Buffer, at: number) => Buffer.concat([blob, Buffer.alloc(1 + (at % 9), at)]),
  'takes bytes out': (blob: Buffer, at: number) =>
    Buffer.concat([blob.subarray(0, at % blob.length), blob.subarray((at % blob.length) + 1 + (at % 3))]),
} satisfies Record<string, (blob: Buffer, at: number) => Buffer>;

const asIs = (text: string) => text;
/** Changes of the text around the blob. */
const disguises = [
  asIs,
  (text: string) => text.replace('ssh-', 'sk-ssh-'),
  (text: string) => text.replace('nistp256', 'nistp384'),
  (text: string) => text.replace(/=?$/, '='),
  (text: string) => text.slice(0, -1),
];

describe('a mutated key', () => {
  it('is accepted only where ssh-keygen accepts it', async () => {
    const lines = [
      line('ssh-ed25519', Buffer.alloc(32, 7)),
      line('ecdsa-sha2-nistp256', 'nistp256', pointOn('P-256')),
      line('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 7), 'ssh:'),
      line('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', pointOn('P-256'), 'ssh:'),
      (await contents('rsa-2048.pub')).split(' ').slice(0, 2).join(' '),
    ];
    let acceptedCount = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...lines),
        fc.constantFrom(...Object.values(mutations)),
        fc.constantFrom(...disguises),
        fc.nat({ max: 5000 }),
        async (original, mutate, disguise, at) => {
          const [type = '', base64 = ''] = original.split(' ');
          const mutated = disguise(`${type} ${mutate(Buffer.from(base64, 'base64'), at).toString('base64')}`);
          const key = tryParse(mutated);
          if (key === undefined) return;
          acceptedCount += 1;
          await writeFile(file('mutated.pub'), `${key}\n`);
          await keygen('-l', '-f', file('mutated.pub'));
        },
      ),
      { numRuns: 400, seed: 12 },
    );
    // Some flipped bits leave a valid key, so the judge has had something to judge.
    expect(acceptedCount).toBeGreaterThan(10);
  });
});

function tryParse(text: string): string | undefined {
  try {
    return parsePublicKey(text);
  } catch {
    return undefined;
  }
}
