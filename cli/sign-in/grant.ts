/** The tokens of a sign-in, on disk. Only their owner reads the file, and it is replaced as a whole. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { readIfThere, removeFile, replaceFile } from '../state/files.ts';
import { deploymentFolder, type Environment } from '../state/places.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import type { OidcConfig } from './kept.ts';

const grant = v.object({
  /** A refresh token goes to the issuer and the client that it is from, and to no other. */
  issuer: v.string(),
  clientId: v.string(),
  endpoints: v.object({
    token: v.pipe(v.string(), v.url()),
    revocation: v.exactOptional(v.pipe(v.string(), v.url())),
  }),
  /** The token for the API. It becomes a header. */
  token: v.pipe(v.string(), v.regex(/^[\w.~+/-]+=*$/)),
  /** Absent when the issuer does not say it. Then the API does. */
  expiresAt: v.exactOptional(v.pipe(v.string(), v.isoTimestamp())),
  refreshToken: v.exactOptional(v.string()),
});

export type Grant = v.InferOutput<typeof grant>;

const content = v.pipe(v.string(), v.parseJson(), grant);

export const grantFile = (env: Environment, url: string): string => join(deploymentFolder(env, url), 'tokens.json');

/**
 * @returns undefined when nobody is signed in, or with another issuer or client than that of `config`
 * @throws CliError for a file that others can read
 */
export function readGrant(env: Environment, url: string, config: OidcConfig): Grant | undefined {
  const file = grantFile(env, url);
  const found = lenientGrant(env, url);
  if (found === undefined || found.issuer !== config.issuer || found.clientId !== config.clientId) return undefined;
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new CliError(
      `${file}: got a file that others can read (mode ${(mode & 0o777).toString(8)}), expected one of mode 600. Somebody may have copied your sign-in. Run ${loginCommand(url)}.`,
      exitCodes.failed,
    );
  }
  return found;
}

/** The same of any issuer, and from a file that others can read. @returns undefined for a file that holds no tokens */
export function lenientGrant(env: Environment, url: string): Grant | undefined {
  const parsed = v.safeParse(content, readIfThere(grantFile(env, url)));
  return parsed.success ? parsed.output : undefined;
}

export const keepGrant = (env: Environment, url: string, granted: Grant): void =>
  replaceFile(grantFile(env, url), `${JSON.stringify(granted, null, 2)}\n`);

export const forgetGrant = (env: Environment, url: string): void => removeFile(grantFile(env, url));

/** The command that signs in, for a sentence. It names the URL, because ssh and `bastion.json` may mean another deployment than the usual one. */
export const loginCommand = (url: string): string => `"bastion login --url ${url}"`;
