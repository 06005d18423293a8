/**
 * Installs the lines for `ssh bastion`: a folder of our own beside ssh's configuration, and one `Include` as its first line. It
 * changes nothing else there, and removing it leaves the file as it was, byte for byte.
 */
import { existsSync, realpathSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { ownHeader, sshConfigText } from '../ssh/config-text.ts';
import { isCached, isPassing, lastingPath } from '../ssh/lasting-paths.ts';
import { opensshVersion, outcomeOf } from '../ssh/openssh.ts';
import { includeWord } from '../ssh/words.ts';
import { bytesIfThere, hasCode, readIfThere, replaceFile } from '../state/files.ts';
import type { Environment } from '../state/places.ts';
import { knownHostsFile, sshOptionsFile } from '../state/session.ts';
import { CliError, exitCodes, usageError } from '../terminal/errors.ts';
import type { Context } from './context.ts';

/** The files of an installation. */
export interface SshConfigPlaces {
  /** ssh's configuration. */
  readonly file: string;
  readonly lines: string;
  /** The deployment's settings, for the commands that ssh runs. */
  readonly settings: string;
  /** Exists when the installation has made `file`. */
  readonly madeFile: string;
  /** The line of `file` that reads `lines`. */
  readonly include: string;
}

/** @param file Default: the one that ssh reads, which is in the home of the user database, whatever HOME says */
export function placesOf(file: string | undefined): SshConfigPlaces {
  const ownFile = join(userInfo().homedir, '.ssh', 'config');
  const path = resolve(file ?? ownFile);
  const folder = join(dirname(path), 'bastion');
  const lines = join(folder, 'config');
  return {
    file: path,
    lines,
    settings: join(folder, 'deployment.json'),
    madeFile: join(folder, 'made-config'),
    include: `Include ${path === ownFile ? 'bastion/config' : includeWord(lines)}\n`,
  };
}

/** The lines that an installation writes. It warns of a path in them that may go away. */
export async function sshConfigLines(
  { alias, folder, env, terminal }: Context,
  places: SshConfigPlaces,
  host: string,
): Promise<string> {
  if (!/^[\w][\w.-]*$/.test(host)) throw usageError(`--host: got "${host}", expected a name such as bastion.`);
  const { node, program } = ownPaths(env);
  for (const path of [node, program].filter(isPassing)) {
    terminal.warn(
      `ssh will run ${path}, which goes with its version. Run "bastion ssh-config --install" again after an update. "bastion doctor" tells when it is gone.`,
    );
  }
  const config = {
    host,
    alias,
    knownHosts: knownHostsFile(folder),
    sessionOptions: sshOptionsFile(folder),
    node,
    program,
    settings: places.settings,
  };
  return sshConfigText(config, await opensshVersion(), process.platform);
}

function ownPaths(env: Environment): { readonly node: string; readonly program: string } {
  const called = process.argv[1] ?? '';
  const node = basename(process.execPath);
  return {
    node: lastingPath(process.execPath, [], node, env),
    program: lastingPath(called, [called], 'bastion', env),
  };
}

export async function installSshConfig(context: Context, places: SshConfigPlaces, host: string): Promise<void> {
  const { program } = ownPaths(context.env);
  if (isCached(program)) {
    throw usageError(
      `ssh-config: got ${program}, which goes with the cache that it is in, expected an installed command. Run "npm install --global bastion-on-demand", then "bastion ssh-config --install".`,
    );
  }
  const lines = await sshConfigLines(context, places, host);
  const { file, include } = places;
  checkFolder(places);
  const content = bytesIfThere(file);
  const isInstalled = content !== undefined && rowsOf(content).some((row) => isInclude(row, include));
  const isOwnHost = isInstalled && hostIn(readIfThere(places.lines) ?? '') === host;
  if (content !== undefined && !isOwnHost) await checkHost(file, host);
  replaceFile(places.settings, `${JSON.stringify(context.settings.values, null, 2)}\n`);
  replaceFile(places.lines, lines);
  if (isInstalled) return;
  if (content === undefined) replaceFile(places.madeFile, '');
  replaceConfig(file, Buffer.concat([Buffer.from(include), content ?? Buffer.alloc(0)]));
}

/** @returns false when nothing was installed */
export function uninstallSshConfig({ file, lines, settings, madeFile, include }: SshConfigPlaces): boolean {
  const content = bytesIfThere(file);
  const rows = content === undefined ? [] : rowsOf(content);
  const others = rows.filter((row) => !isInclude(row, include));
  const isIncluded = others.length < rows.length;
  const isOurs = readIfThere(lines)?.startsWith(ownHeader) ?? false;
  const wasInstalled = isIncluded || isOurs;
  if (isIncluded) {
    const rest = Buffer.from(others.join(''), 'latin1');
    if (rest.length === 0 && existsSync(madeFile)) rmSync(file);
    else replaceConfig(file, rest);
  }
  if (!wasInstalled) return false;
  for (const path of [...(isOurs ? [lines] : []), settings, madeFile]) rmSync(path, { force: true });
  removeIfEmpty(dirname(lines));
  return true;
}

/** A person may have a key of the folder's name, or lines of another program in it. */
function checkFolder({ lines }: SshConfigPlaces): void {
  const folder = dirname(lines);
  const remedy = 'Rename it, and the ssh_config that names it.';
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw usageError(`${folder}: got a file there already, expected room for a folder. ${remedy}`);
  }
  if (readIfThere(lines)?.startsWith(ownHeader) === false) {
    throw usageError(`${lines}: got lines of another program, expected room for our own. ${remedy}`);
  }
}

/** The lines with their ends. Latin 1 keeps every byte. */
const rowsOf = (content: Buffer): readonly string[] => content.toString('latin1').split(/(?<=\n)/);

/** An editor may have given the line another end. A person may have made it a comment, which is the person's. */
const isInclude = (row: string, include: string): boolean => row.trimEnd() === include.trimEnd();

/** The name for ssh of the installation beside the configuration that ssh reads. */
export const installedHost = (): string | undefined => hostIn(readIfThere(placesOf(undefined).lines) ?? '');

const hostIn = (lines: string): string | undefined => /^Host (.*)$/m.exec(lines)?.[1];

/** `ssh -G` prints the options for a name and connects to nothing. A person may have a host of that name. */
async function checkHost(file: string, host: string): Promise<void> {
  const name = host.toLowerCase();
  const [own, others] = await Promise.all([optionsFor(file, name), optionsFor(file, `${name}-0`)]);
  const ofOthers = others.map((option) => option.replaceAll(`${name}-0`, name));
  const option =
    own.find((one) => one.startsWith('hostname ') && one !== `hostname ${name}`) ??
    own.find((one) => !ofOthers.includes(one));
  if (option === undefined) return;
  throw usageError(
    `${file}: got a host "${host}" there already, with "${option}", expected none. Choose another name with --host.`,
  );
}

async function optionsFor(file: string, host: string): Promise<string[]> {
  const { code, stdout, stderr } = await outcomeOf('ssh', ['-F', file, '-G', host]);
  if (code !== 0) throw new CliError(`ssh cannot read ${file}: ${stderr.trim()}. Correct it first.`, exitCodes.failed);
  // ssh has put a hash of the name into these already.
  return stdout.split(/\r?\n/).filter((option) => !/^(controlpath|remotecommand) /.test(option));
}

/** Keeps a link, which a person's collection of such files may have made of it, and the file's mode. */
function replaceConfig(file: string, content: Uint8Array): void {
  const path = existsSync(file) ? realpathSync(file) : file;
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  replaceFile(path, content, mode === undefined ? undefined : mode & 0o777);
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}
