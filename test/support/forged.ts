/** Tokens as somebody writes them who keeps to no library's rules. */
import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export type Claims = Readonly<Record<string, unknown>>;

/** A key for tokens, as its issuer has it. */
export interface TokenKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const makeTokenKey = (): TokenKey => ({
  kid: randomBytes(8).toString('hex'),
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
});

export const asJwk = ({ kid, privateKey }: TokenKey) => ({
  ...privateKey.export({ format: 'jwk' }),
  alg: 'RS256',
  use: 'sig',
  kid,
});

/** What is undefined in header and claims is left out. */
const write = (header: Claims, claims: Claims, signer: (input: Buffer) => Buffer): string =>
  writeText(header, JSON.stringify(claims), signer);

function writeText(header: Claims, text: string, signer: (input: Buffer) => Buffer): string {
  const input = [JSON.stringify(header), text].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${input}.${signer(Buffer.from(input)).toString('base64url')}`;
}

export const signed = (claims: Claims, { kid, privateKey }: TokenKey, header: Claims = {}): string =>
  write({ alg: 'RS256', kid, ...header }, claims, (input) => sign('sha256', input, privateKey));

/** A token with any characters in place of claims. */
export const signedText = (text: string, { kid, privateKey }: TokenKey): string =>
  writeText({ alg: 'RS256', kid }, text, (input) => sign('sha256', input, privateKey));

export const signedWithSecret = (claims: Claims, secret: string | Buffer, header: Claims): string =>
  write({ alg: 'HS256', ...header }, claims, (input) => createHmac('sha256', secret).update(input).digest());

export function signedOnCurve(claims: Claims, header: Claims): string {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return write({ alg: 'ES256', ...header }, claims, (input) =>
    sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  );
}

export const unsigned = (claims: Claims, header: Claims = {}): string =>
  write({ alg: 'none', ...header }, claims, () => Buffer.alloc(0));
