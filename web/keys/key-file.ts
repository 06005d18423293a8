/** The file names of the keys that this tab has made, so that the ssh line names them also after a reload. Names alone, no keys. */
import * as v from 'valibot';
import type { MadeKey } from './make-key.ts';

const storageKey = 'bastion-made-keys';
const names = v.record(v.string(), v.string());

export function rememberKeyFile({ fingerprint, fileName }: Pick<MadeKey, 'fingerprint' | 'fileName'>): void {
  const all = { ...readAll(), [fingerprint]: fileName };
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(all));
  } catch {
    // Without storage the line after a reload names no file.
  }
}

/** Undefined for a key that this tab has not made. */
export const readKeyFile = (fingerprint: string | undefined): string | undefined =>
  fingerprint === undefined ? undefined : readAll()[fingerprint];

function readAll(): Readonly<Record<string, string>> {
  try {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), names), sessionStorage.getItem(storageKey));
    return parsed.success ? parsed.output : {};
  } catch {
    return {};
  }
}
