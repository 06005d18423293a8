/** A machine of a user: Node programs run on a Node that is given, without the checkout's programs and settings. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { packageRoot } from '../../lib/package-root.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const foldersOfPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));

/** The search paths of the pinned Node, and of the machine's own, which may be as old as `engines` says. */
export const nodes: readonly { readonly version: string; readonly path: string }[] = [
  [join(process.execPath, '..'), ...foldersOfPath],
  foldersOfPath,
].map((folders) => {
  const path = folders.join(delimiter);
  return { path, version: execFileSync('node', ['--version'], { env: { PATH: path }, encoding: 'utf8' }).trim() };
});

/** Runs a program in a folder that is its home too. No registry answers it. */
export async function run(
  [program = '', ...args]: readonly string[],
  {
    folder,
    path = nodes[0]?.path,
    env = {},
  }: { folder: string; path?: string; env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: path, HOME: folder, npm_config_offline: 'true', npm_config_update_notifier: 'false', ...env },
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** Makes an empty project of a user and installs the package into it. */
export async function installInto(folder: string, tarball: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "name": "app-of-a-user", "private": true }\n');
  const { code, stderr } = await run(['npm', 'install', '--no-audit', '--no-fund', tarball], { folder });
  if (code !== 0) throw new Error(`npm install ended with ${code}: ${stderr}`);
}

/** The CDK of the checkout, in the place where a user has installed it. */
export async function linkCdk(folder: string): Promise<void> {
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  for (const name of ['aws-cdk-lib', 'constructs']) {
    await symlink(join(packageRoot, 'node_modules', name), join(folder, 'node_modules', name));
  }
}
