/**
 * The deployment that a command talks to, and as whom. Flags come before the environment, the environment before the
 * `bastion.json` of this folder or the nearest one above it, and that before the person's own file.
 */
import { type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { usageError } from '../terminal/errors.ts';
import { hasCode, readIfThere } from './files.ts';
import { configPath, type Environment } from './places.ts';

export const settingNames = ['url', 'region', 'profile', 'user'] as const;
export type SettingName = (typeof settingNames)[number];

export type Values = Readonly<Partial<Record<SettingName, string>>>;

export interface Settings {
  readonly values: Values;
  /** Name of a tunnel to `HOST:PORT`, or `LOCAL:HOST:PORT`. */
  readonly tunnels: Readonly<Record<string, string>>;
  /** The place that each value comes from, in words. */
  readonly origins: Readonly<Partial<Record<SettingName, string>>>;
  /** Path of the `bastion.json` that names the URL, where the person has never configured that URL. */
  readonly unapprovedIn?: string;
}

interface Source extends Pick<Settings, 'values'> {
  readonly name: string;
  readonly tunnels?: Settings['tunnels'];
  /** The URLs that the person has configured so far. Only their own file has them. */
  readonly deployments?: readonly string[];
  readonly isProject?: boolean;
}

export const projectFile = 'bastion.json';

/** Undefined in a folder that somebody has removed, or that is out of this user's reach. */
export function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch (error) {
    if (hasCode(error, ...outOfReach)) return undefined;
    throw error;
  }
}

const outOfReach = ['ENOENT', 'EACCES', 'EPERM'];

/**
 * @param flags the values that the command line names
 * @param folder where the search for `bastion.json` begins. Without one there is no search
 * @param file the only place of settings beside them. Default: all of them
 * @param onBroken takes the error of each file that cannot be used, whose settings count as none. Default: the first one is thrown
 */
export async function readSettings(
  flags: Values,
  env: Environment,
  folder: string | undefined,
  file?: string,
  onBroken?: (error: unknown) => void,
): Promise<Settings> {
  const readers = file === undefined ? usualFiles(env, folder) : [() => readNamed(file)];
  const sources: Source[] = [
    { name: 'the command line', values: flags },
    ...(file === undefined ? [{ name: 'the environment', values: valuesOf(env) }] : []),
  ];
  for (const read of readers) {
    try {
      sources.push(...(await read()));
    } catch (error) {
      if (onBroken === undefined) throw error;
      onBroken(error);
    }
  }
  const values: Partial<Record<SettingName, string>> = {};
  const origins: Partial<Record<SettingName, string>> = {};
  for (const name of settingNames) {
    const source = sources.find((one) => one.values[name] !== undefined);
    const value = source?.values[name];
    if (source === undefined || value === undefined) continue;
    values[name] = value;
    origins[name] = source.name;
  }
  const tunnels = Object.assign({}, ...sources.map((source) => source.tunnels).reverse());
  const unapprovedIn = sources.find((source) => source.isProject && source.name === origins.url)?.name;
  const approved = sources.flatMap(({ deployments = [] }) => deployments);
  const isApproved = unapprovedIn === undefined || approved.includes(withoutSlash(values.url ?? ''));
  return { values, origins, tunnels, ...(!isApproved && { unapprovedIn }) };
}

export const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/** The reader of each file, which gives its settings unless there is no such file. */
function usualFiles(env: Environment, folder: string | undefined): readonly (() => Promise<readonly Source[]>)[] {
  return [
    async () => {
      const project = folder === undefined ? undefined : findProject(folder);
      return project === undefined ? [] : [{ ...(await readSource(project)), isProject: true }];
    },
    async () => [await readOwn(configPath(env))],
  ];
}

/** A file that somebody names has to be there. */
async function readNamed(file: string): Promise<readonly Source[]> {
  const source = await readSource(file);
  if (source.values.url !== undefined) return [source];
  throw usageError(`--config: got "${file}", expected a file with {"url": "https://…"}.`);
}

/** An empty variable counts as none. */
function valuesOf(env: Environment): Values {
  const entries = {
    url: env.BASTION_URL,
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION,
    profile: env.AWS_PROFILE,
    user: env.BASTION_USER,
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined && value !== ''));
}

/**
 * The nearest `bastion.json` from `folder` upwards. One that somebody else has put there could send a person's tunnels through
 * another's machine, so it has to belong to the person or to root.
 */
function findProject(folder: string): string | undefined {
  const path = join(folder, projectFile);
  const found = statIfThere(path);
  if (found?.isFile()) {
    const me = process.getuid?.();
    if (me === undefined || found.uid === me || found.uid === 0) return path;
    throw usageError(
      `${path}: got a file of another user (uid ${found.uid}), expected your own. Remove it, or go elsewhere.`,
    );
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : findProject(parent);
}

/** A folder above may be out of this user's reach, as under sudo. */
function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (hasCode(error, ...outOfReach)) return undefined;
    throw error;
  }
}

/** Reads the person's own file, which alone may approve deployments. */
export async function readOwn(path: string): Promise<Source & Required<Pick<Source, 'deployments'>>> {
  const { deployments = [], ...content } = contentOf(path) ?? {};
  if (!Array.isArray(deployments) || !deployments.every((url) => typeof url === 'string')) {
    throw usageError(`${path}: got deployments that are no list of URLs. Run "bastion configure" again.`);
  }
  const source = await sourceOf(content, path);
  const { url } = source.values;
  return { ...source, deployments: [...deployments, ...(url === undefined ? [] : [withoutSlash(url)])] };
}

/** Reads one file of settings; one that is not there is empty. */
export const readSource = (path: string): Promise<Source> => sourceOf(contentOf(path) ?? {}, path);

function contentOf(path: string): Record<string, unknown> | undefined {
  const text = readIfThere(path);
  return text === undefined ? undefined : parseObject(text, path);
}

async function sourceOf(content: Readonly<Record<string, unknown>>, path: string): Promise<Source> {
  const known = [...settingNames, 'tunnels'];
  const unknown = Object.keys(content).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const { nearest } = await import('../terminal/nearest.ts');
    throw usageError(
      `${path}: got "${unknown}", expected ${known.join(', ')}. The nearest is ${nearest(unknown, known)}.`,
    );
  }
  const { tunnels = {}, ...values } = content;
  if (!isObject(tunnels)) throw usageError(`${path}: got tunnels that are no object, expected names to "HOST:PORT".`);
  return { name: path, values: texts(values, path), tunnels: texts(tunnels, path) };
}

function parseObject(text: string, path: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text);
    if (isObject(content)) return content;
  } catch (error) {
    throw usageError(`${path}: got no JSON (${error instanceof Error ? error.message : error}). Correct or remove it.`);
  }
  throw usageError(`${path}: got JSON that is no object, expected for example {"url": "https://…"}.`);
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function texts(content: Readonly<Record<string, unknown>>, path: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => {
      if (typeof value === 'string' && value !== '') return [name, value];
      throw usageError(`${path}: got ${JSON.stringify(value)} for "${name}", expected a text.`);
    }),
  );
}
