/**
 * The programs that `npm start` and `npm test` need of this machine. `npm run machine` looks for them. It is silent when all
 * are there, installs missing ones as root on Debian and its like, and elsewhere ends with a sentence that says what to run.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Each program, and the package it comes in. macOS 15 ships them all. The agents sign requests to AWS with curl, which signs
 * every header that must be since 7.86 (Debian 12, Ubuntu 24.04).
 */
const packages = {
  sshd: { debian: 'openssh-server', fedora: 'openssh-server' },
  ssh: { debian: 'openssh-client', fedora: 'openssh-clients' },
  'ssh-keygen': { debian: 'openssh-client', fedora: 'openssh-clients' },
  ps: { debian: 'procps', fedora: 'procps-ng' },
  pgrep: { debian: 'procps', fedora: 'procps-ng' },
  curl: { debian: 'curl', fedora: 'curl' },
  jq: { debian: 'jq', fedora: 'jq' },
} as const;

export type Program = keyof typeof packages;

const isProgram = (name: string): name is Program => name in packages;
const programs = Object.keys(packages).filter(isProgram);

export type PackageManager = 'apt-get' | 'dnf' | 'none';

/** The remedy for missing programs: packages to install, or a sentence that says what to run. */
export type Remedy = { readonly install: readonly string[] } | { readonly tell: string };

/** The user's PATH and the directories where sshd lives, which only root has on its PATH everywhere. */
export function searchPath(): string {
  return [process.env.PATH, '/usr/local/sbin', '/usr/sbin', '/sbin'].filter(Boolean).join(delimiter);
}

/** The absolute path of a program, or undefined. */
export function find(program: string, path = searchPath()): string | undefined {
  return path
    .split(delimiter)
    .map((directory) => join(directory, program))
    .find(isExecutable);
}

/** The absolute path of sshd (it re-executes itself and accepts no other). Throws when this machine has none. */
export function sshdPath(): string {
  const path = find('sshd');
  if (path === undefined) {
    throw new Error(`Found no sshd in ${searchPath()}; run "npm run machine", which installs it or says how to.`);
  }
  return path;
}

/** Returns the remedy for missing programs, of which there is at least one. */
export function remedy(missing: readonly Program[], isRoot: boolean, packageManager: PackageManager): Remedy {
  const family = packageManager === 'dnf' ? 'fedora' : 'debian';
  const names = [...new Set(missing.map((program) => packages[program][family]))];
  if (packageManager === 'apt-get' && isRoot) return { install: names };
  const what = `This machine lacks ${missing.join(', ')}`;
  return packageManager === 'none'
    ? { tell: `${what}; install OpenSSH (server and client), procps, curl and jq with its package manager.` }
    : { tell: `${what}; run: ${isRoot ? '' : 'sudo '}${packageManager} install -y ${names.join(' ')}` };
}

/** Makes sure that programs are there. Throws a sentence that says what to run. @param needed default: all */
export function prepareMachine(needed: readonly Program[] = programs): void {
  const missing = missingOf(needed);
  const isRoot = process.getuid?.() === 0;
  if (missing.length > 0) {
    const plan = remedy(missing, isRoot, packageManager());
    if ('tell' in plan) throw new Error(plan.tell);
    console.log(`This machine lacks ${missing.join(', ')}; installing ${plan.install.join(', ')} with apt-get.`);
    install(plan.install);
    const still = missingOf(needed);
    if (still.length > 0)
      throw new Error(`apt-get installed ${plan.install.join(', ')}, yet ${still.join(', ')} is missing.`);
  }
  // Debian's sshd needs this directory when root runs it. Only its service makes it, and /run is empty after a boot.
  if (isRoot && process.platform === 'linux') mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
}

const missingOf = (needed: readonly Program[]): Program[] => needed.filter((program) => find(program) === undefined);

function packageManager(): PackageManager {
  if (find('apt-get')) return 'apt-get';
  return find('dnf') ? 'dnf' : 'none';
}

function install(names: readonly string[]): void {
  const bringsSshd = names.includes(packages.sshd.debian);
  withoutStartingServices(() => {
    // The package lists may be missing, as in container images, or name files that no longer exist.
    if (aptGet('install', ...names).ok) return;
    const update = aptGet('update');
    const again = aptGet('install', ...names);
    if (!again.ok) throw new Error(`apt-get could not install ${names.join(', ')}:\n${update.output}${again.output}`);
  });
  // The program is needed here, and not a server on port 22 after the next boot.
  if (bringsSshd && existsSync('/run/systemd/system')) spawnSync('systemctl', ['disable', 'ssh.service', 'ssh.socket']);
}

function aptGet(command: string, ...names: readonly string[]): { readonly ok: boolean; readonly output: string } {
  const options = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  const { status, stdout, stderr } = spawnSync('apt-get', [command, ...options, ...names], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8',
  });
  return { ok: status === 0, output: stdout + stderr };
}

/** Debian starts an installed service unless this script forbids it. Container images have one already, which stays. */
function withoutStartingServices(act: () => void): void {
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    act();
  } finally {
    if (isOurs) rmSync(policy);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  try {
    prepareMachine();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
