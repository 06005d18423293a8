/** Signs a person of the command in, with a scripted client in the browser's place. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deploymentName } from '../../cli/state/places.ts';
import { Browser } from '../support/sign-in.ts';
import { type Outcome, outcomeOf, readLines } from '../support/ssh.ts';
import type { Person } from './person.ts';

/** A `bastion login` that waits for the browser. */
export interface Waiting {
  /** The page of the identity provider. */
  readonly url: string;
  /** Where the browser brings the answer. */
  readonly redirectUri: string;
  readonly outcome: Promise<Outcome>;
  /** Sends Ctrl-C. */
  cancel(): void;
}

export async function beginLogin(person: Person, ...args: readonly string[]): Promise<Waiting> {
  const child = person.start('login', ...args);
  const url = await readLines(child.stderr).find(/^https?:/);
  return {
    url,
    redirectUri: new URL(url).searchParams.get('redirect_uri') ?? '',
    outcome: outcomeOf(child),
    cancel: () => void child.kill('SIGINT'),
  };
}

/** Goes through the identity provider's pages as `name`. @returns the place with the answer, where the browser is sent then */
export async function answerAs(
  name: string,
  { url, redirectUri }: Pick<Waiting, 'url' | 'redirectUri'>,
): Promise<string> {
  const issuer = new URL(url).origin;
  const browser = new Browser();
  const asked = await browser.follow(issuer, url);
  const place = await browser.follow(issuer, asked.url, { person: name });
  if (place.url.startsWith(redirectUri)) return place.url;
  throw new Error(`The issuer sent the browser to ${place.url}, expected ${redirectUri}.\n${place.html}`);
}

export async function loginAs(name: string, person: Person, ...args: readonly string[]): Promise<Outcome> {
  const waiting = await beginLogin(person, ...args);
  await fetch(await answerAs(name, waiting));
  return waiting.outcome;
}

/** The file with the tokens of a person for a deployment. */
export const tokensFile = ({ state }: Person, url: string): string => join(state, deploymentName(url), 'tokens.json');

/** Changes what the file says. */
export async function changeTokens(person: Person, url: string, changes: object): Promise<void> {
  const file = tokensFile(person, url);
  const tokens: unknown = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...Object(tokens), ...changes }));
}
