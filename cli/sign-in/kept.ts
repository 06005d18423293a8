/** The way to sign in to each deployment, on disk: `configure` and `login` have asked the deployment for it. */
import * as v from 'valibot';
import { type WebConfig, webConfig } from '../../contracts/sign-in.ts';
import { readIfThere, removeFile, replaceFile } from '../state/files.ts';
import { type Environment, signInFile } from '../state/places.ts';
import { usageError } from '../terminal/errors.ts';

/** A deployment whose people sign in with an identity provider. */
export type OidcConfig = Extract<WebConfig, { signIn: 'oidc' }>;

const content = v.pipe(v.string(), v.parseJson(), webConfig);

/** @returns undefined for a deployment that the person enters with AWS credentials */
export function keptSignIn(env: Environment, url: string): OidcConfig | undefined {
  const file = signInFile(env, url);
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(content, text);
  if (parsed.success) return parsed.output.signIn === 'oidc' ? parsed.output : undefined;
  throw usageError(`${file} does not say how you sign in. Run "bastion configure --url ${url}" again.`);
}

/** @param config undefined for a deployment that the person enters with AWS credentials */
export function keepSignIn(env: Environment, url: string, config: OidcConfig | undefined): void {
  const file = signInFile(env, url);
  if (config === undefined) removeFile(file);
  else replaceFile(file, `${JSON.stringify(config, null, 2)}\n`);
}
