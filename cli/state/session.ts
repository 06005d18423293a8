/**
 * The bastion that was live when the API was asked last, on disk: `session.json`, `known_hosts` and `ssh_config`, written only
 * once sshd accepts connections. `known_hosts` holds the keys of this one bastion, under a name that is the deployment's and no address:
 * AWS hands addresses on to strangers.
 */
import { join } from 'node:path';
import { readIfThere, removeFile, replaceFile } from './files.ts';
import { isObject } from './settings.ts';

/** A bastion that accepts connections, and the key that enters it. */
export interface LiveBastion {
  readonly sessionId: string;
  readonly user: string;
  readonly host: string;
  readonly port: number;
  readonly login: string;
  readonly keyFingerprint: string;
  /** Path of the private key, or of the public one of a key in an agent. */
  readonly identity: string;
  readonly expiresAt: string;
  /** When the API said so: ISO 8601. */
  readonly seenAt: string;
}

/** For how long a bastion counts as live without another look. Somebody may stop it from another machine. */
const freshMs = 120_000;
/** A bastion that has less time left is looked at again. */
const leastLeftMs = 300_000;

const sessionFile = (folder: string): string => join(folder, 'session.json');
export const knownHostsFile = (folder: string): string => join(folder, 'known_hosts');
export const sshOptionsFile = (folder: string): string => join(folder, 'ssh_config');

/** @param texts what the two files for ssh hold */
export function remember(
  folder: string,
  bastion: LiveBastion,
  texts: { readonly knownHosts: string; readonly sshOptions: string },
): void {
  replaceFile(knownHostsFile(folder), texts.knownHosts);
  replaceFile(sshOptionsFile(folder), texts.sshOptions);
  writeSession(folder, bastion);
}

const writeSession = (folder: string, bastion: LiveBastion): void =>
  replaceFile(sessionFile(folder), `${JSON.stringify(bastion, null, 2)}\n`);

export function recall(folder: string): LiveBastion | undefined {
  const text = readIfThere(sessionFile(folder));
  if (text === undefined) return undefined;
  try {
    const content: unknown = JSON.parse(text);
    return isLiveBastion(content) ? content : undefined;
  } catch {
    return undefined; // as good as none: the API is asked, and its answer replaces the file
  }
}

/** A new expiry, which may be sooner than the one that the disk remembers. */
export function noteExpiry(
  folder: string,
  { sessionId, expiresAt }: Pick<LiveBastion, 'sessionId' | 'expiresAt'>,
): void {
  const bastion = recall(folder);
  if (bastion?.sessionId === sessionId) writeSession(folder, { ...bastion, expiresAt });
}

/** `session.json` goes first, because it is what others believe. */
export function forget(folder: string): void {
  for (const file of [sessionFile, knownHostsFile, sshOptionsFile]) removeFile(file(folder));
}

/** Whether the bastion is live without a look at the API. A clock that was set back proves nothing. */
export function isFresh({ seenAt, expiresAt }: Pick<LiveBastion, 'seenAt' | 'expiresAt'>, now: number): boolean {
  const age = now - Date.parse(seenAt);
  return age >= 0 && age < freshMs && Date.parse(expiresAt) - now > leastLeftMs;
}

const textFields = ['sessionId', 'user', 'host', 'login', 'keyFingerprint', 'identity', 'expiresAt', 'seenAt'] as const;

const isLiveBastion = (value: unknown): value is LiveBastion =>
  isObject(value) && textFields.every((name) => typeof value[name] === 'string') && typeof value.port === 'number';
