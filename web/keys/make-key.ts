/** A key pair that the browser makes. Its private half leaves this page as a download alone. */
import * as v from 'valibot';
import { type Ed25519Key, fingerprintOf, privateKeyFile, publicKeyLine } from './openssh.ts';

export interface MadeKey {
  /** The line that goes to the API. */
  readonly publicKey: string;
  /** As `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  readonly fileName: string;
  readonly privateKeyFile: string;
}

/** https://www.rfc-editor.org/rfc/rfc8037#section-2 */
const jsonWebKey = v.object({ d: v.string(), x: v.string() });

/** Throws a sentence where the browser cannot make such a key. */
export async function makeKey(now: Date): Promise<MadeKey> {
  const key = await newEd25519Key();
  const fingerprint = await fingerprintOf(key);
  const comment = `made in the browser on ${now.toISOString().slice(0, 10)}`;
  return {
    publicKey: publicKeyLine(key, comment),
    fingerprint,
    fileName: keyFileName(fingerprint),
    privateKeyFile: privateKeyFile(key, comment),
  };
}

/** A name of its own for each key, so that no download replaces another or gets a number from the browser. */
export const keyFileName = (fingerprint: string): string =>
  `bastion-${fingerprint
    .replace('SHA256:', '')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 8)}`;

async function newEd25519Key(): Promise<Ed25519Key> {
  try {
    const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
    if (!('privateKey' in pair)) throw new Error('The browser made one key, expected a pair.');
    const { d, x } = v.parse(jsonWebKey, await crypto.subtle.exportKey('jwk', pair.privateKey));
    return { seed: fromBase64Url(d), publicKey: fromBase64Url(x) };
  } catch (error) {
    throw new Error(
      'This browser cannot make Ed25519 keys. Make one with "ssh-keygen -t ed25519" and paste its .pub file.',
      {
        cause: error,
      },
    );
  }
}

const fromBase64Url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));
