/** Where the command keeps its files. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The XDG folder that a variable names, if its path is absolute. https://specifications.freedesktop.org/basedir-spec/latest/ */
const xdgFolder = (value: string | undefined, fallback: string): string =>
  value !== undefined && isAbsolute(value) ? value : join(homedir(), fallback);

export const configPath = (env: Environment): string =>
  join(xdgFolder(env.XDG_CONFIG_HOME, '.config'), 'bastion', 'config.json');

export const stateFolder = (env: Environment): string => join(xdgFolder(env.XDG_STATE_HOME, '.local/state'), 'bastion');

/** A name that no other URL has: its host and path. The local run's begins with `local-`. */
export const deploymentName = (url: string): string =>
  `${url.startsWith('http:') ? 'local-' : ''}${fileName(url.replace(/^https?:\/\//, ''))}`;

export const deploymentFolder = (env: Environment, url: string): string => join(stateFolder(env), deploymentName(url));

/** Tells how people sign in to a deployment. */
export const signInFile = (env: Environment, url: string): string => join(deploymentFolder(env, url), 'sign-in.json');

/** The folder of one user's bastion in one deployment. `@` is the caller, whose name only the API knows. */
export const bastionFolder = (env: Environment, url: string, user: string | undefined): string =>
  join(deploymentFolder(env, url), user === undefined ? '@' : `user-${fileName(user)}`);

/** Other texts have other names. ssh would read `%` in a path as the begin of a token. */
const fileName = (text: string): string => encodeURIComponent(text).replaceAll('%', '+');
