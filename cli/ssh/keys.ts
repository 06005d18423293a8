/**
 * The keys that a person has: the one named with `--key`, or those in the agent, then those in `~/.ssh`, then the one that the
 * command has made in its own folder, for a person who has none.
 */
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { constants, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { giveToHeir, hasCode, makeFolder, readIfThere, replaceFile } from '../state/files.ts';
import { type Environment, stateFolder } from '../state/places.ts';
import { CliError, exitCodes, usageError } from '../terminal/errors.ts';
import { outcomeOf } from './openssh.ts';
import { type PublicKey, publicKeyIn, publicKeysIn } from './public-key.ts';

export interface Key extends PublicKey {
  /** Path of the private key. Undefined when only an agent or a security token has it. */
  readonly file?: string;
}

const defaultNames = ['id_ed25519', 'id_ecdsa', 'id_ed25519_sk', 'id_ecdsa_sk', 'id_rsa'];

/** An agent may have to wait until its person unlocks it. */
const agentMs = 30_000;
const terminated = 128 + constants.signals.SIGTERM;

/**
 * The person's keys, the preferred one first.
 * @throws CliError if the agent does not answer in time
 */
export async function ownKeys(env: Environment, patienceMs = agentMs): Promise<Key[]> {
  const agent = await agentKeys(env, patienceMs);
  const files = defaultNames.flatMap((name) => keyPair(join(homedir(), '.ssh', name)));
  const made = keyPair(madeKey(env));
  const all = [...agent, ...files, ...made];
  const sameAs = (key: Key) => all.filter(({ fingerprint }) => fingerprint === key.fingerprint);
  // A file serves also once the agent has ended, so it stands for the agent's key.
  return all
    .filter((key) => sameAs(key)[0] === key)
    .map((key) => sameAs(key).find(({ file }) => file !== undefined) ?? key);
}

async function agentKeys(env: Environment, patienceMs: number): Promise<Key[]> {
  if (!env.SSH_AUTH_SOCK && process.platform !== 'win32') return [];
  const { code, stdout } = await outcomeOf('ssh-add', ['-L'], { env, timeout: patienceMs });
  if (code === terminated) {
    throw new CliError(
      `ssh-add -L: got no answer from the agent in ${patienceMs / 1000} s, expected its keys. Unlock or restart the agent, or unset SSH_AUTH_SOCK.`,
      exitCodes.failed,
    );
  }
  return code === 0 ? publicKeysIn(stdout) : []; // 1: no keys, 2: no agent
}

/** The pair of a private key's file and the `.pub` beside it, or none if either is missing. */
function keyPair(file: string): Key[] {
  const key = publicKeyIn(readIfThere(`${file}.pub`) ?? '');
  return key !== undefined && existsSync(file) ? [{ ...key, file }] : [];
}

const madeKey = (env: Environment): string => join(stateFolder(env), 'key', 'id_ed25519');

/** Makes the pair in a folder of its own, and renames that. Of two terminals at once the second takes the first one's. */
export async function makeKey(env: Environment): Promise<Key> {
  const state = stateFolder(env);
  makeFolder(state);
  const draft = mkdtempSync(join(state, 'new-key-'));
  const args = ['-q', '-t', 'ed25519', '-N', '', '-C', 'bastion', '-f', join(draft, 'id_ed25519')];
  const { code, stderr } = await outcomeOf('ssh-keygen', args);
  if (code !== 0) {
    rmSync(draft, { recursive: true });
    throw new CliError(
      `ssh-keygen ended with ${code}, expected a new key in ${state}: ${stderr.trim()}. Correct that, or name a key of your own with --key.`,
      exitCodes.failed,
    );
  }
  for (const made of [join(draft, 'id_ed25519'), join(draft, 'id_ed25519.pub'), draft]) giveToHeir(made, state);
  try {
    renameSync(draft, join(state, 'key'));
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw error;
    rmSync(draft, { recursive: true });
  }
  const [key] = keyPair(madeKey(env));
  if (key !== undefined) return key;
  throw new CliError(
    `${madeKey(env)}: got no key pair, expected the one just made. Remove its folder.`,
    exitCodes.failed,
  );
}

/** The key that the person names: a private key's file, a public key's, or `-` for a public key on standard input. */
export async function namedKey(name: string): Promise<Key> {
  if (name === '-') return parsed(await text(process.stdin), 'standard input');
  const file = resolve(name);
  const content = readIfThere(file);
  if (content === undefined) throw usageError(`--key: got "${name}", which is no file, expected one of your keys.`);
  if (/PRIVATE KEY|^PuTTY/m.test(content)) return { ...(await publicHalf(file)), file };
  const privateFile = file.replace(/\.pub$/, '');
  const hasPrivate = privateFile !== file && existsSync(privateFile);
  return { ...parsed(content, name), ...(hasPrivate && { file: privateFile }) };
}

async function publicHalf(file: string): Promise<PublicKey> {
  const beside = readIfThere(`${file}.pub`);
  if (beside !== undefined) return parsed(beside, `${file}.pub`);
  const { code, stdout, stderr } = await outcomeOf('ssh-keygen', ['-y', '-P', '', '-f', file]);
  if (code === 0) return parsed(stdout, file);
  throw usageError(
    `--key: ssh-keygen cannot read the public half of ${file} (${stderr.trim()}). Write it with "ssh-keygen -y -f ${file} > ${file}.pub".`,
  );
}

function parsed(content: string, place: string): PublicKey {
  const key = publicKeyIn(content);
  if (key !== undefined) return key;
  throw usageError(
    `--key: got no key that a bastion accepts in ${place}, expected a line such as "ssh-ed25519 AAAA…". Kinds: Ed25519, ECDSA, RSA of 2048 bits or more, sk-.`,
  );
}

/** The path for ssh's `IdentityFile`. By the public half alone ssh asks the agent for that one key. */
export function identityPath(key: Key, folder: string): string {
  if (key.file !== undefined) return key.file;
  const path = join(folder, 'identity.pub');
  replaceFile(path, `${key.line}\n`);
  return path;
}
