/**
 * Containers as process groups. They do by hand what a PID namespace does on AWS. All processes of a container end with its
 * first one. All containers end with this program, even if it is killed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { RunningContainer } from '../../emulator/container-host.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment. The process inherits none of this program's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

export class ProcessGroups {
  /** Process ids of the leaders. Each is also the id of its group. */
  private readonly leaders = new Set<number>();
  private watchdog: ChildProcess | undefined;

  /** Rejects with Node's spawn error (ENOENT, EACCES) when the file can't run. */
  async start({ file, args, environment, log }: Command): Promise<RunningContainer> {
    const child = spawn(file, args, { cwd: '/', env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
    await once(child, 'spawn');
    const leader = child.pid;
    if (leader === undefined) throw new Error(`Got no process id for ${file}, though it was started.`);
    this.remember(leader);
    logLines(child.stdout, log);
    logLines(child.stderr, log);
    return {
      exited: ended.then((code) => {
        killFamily(leader);
        this.forget(leader);
        return code;
      }),
      kill: (signal) => {
        if (!this.leaders.has(leader)) return;
        // ECS too signals the first process alone, which ends the others in an order that makes sense.
        if (signal === 'SIGTERM') child.kill(signal);
        else killFamily(leader);
      },
    };
  }

  /** Kills every container. */
  close(): void {
    for (const leader of this.leaders) killFamily(leader);
    this.leaders.clear();
    this.watchdog?.stdin?.end('\n');
    this.watchdog = undefined;
  }

  private remember(leader: number): void {
    this.leaders.add(leader);
    this.watchdog ??= startWatchdog();
    this.tellWatchdog();
  }

  private forget(leader: number): void {
    if (this.leaders.delete(leader)) this.tellWatchdog();
  }

  private tellWatchdog(): void {
    this.watchdog?.stdin?.write(`${[...this.leaders].join(' ')}\n`);
  }
}

/**
 * Kills the processes that a person left running on a bastion after their connection had closed. Each has sshd's address in
 * its SSH_CONNECTION, which only Linux lets us read.
 */
export function killLeftBehind(sshd: { readonly host: string; readonly port: number }): void {
  if (process.platform !== 'linux') return;
  const mark = new RegExp(`(^|\\0)SSH_CONNECTION=\\S+ \\d+ ${sshd.host.replaceAll('.', '\\.')} ${sshd.port}\\0`);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (mark.test(environmentOf(pid))) kill(Number(pid));
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return ''; // it has ended, or belongs to another user
  }
}

/**
 * Starts a shell that reads the leaders, a line after each change, and ends them when the pipe closes. The pipe closes when
 * this program has ended, even by SIGKILL. The shell has a session of its own, so that Ctrl-C does not reach it first.
 */
function startWatchdog(): ChildProcess {
  const script = `while read -r line; do leaders=$line; done
    [ -n "$leaders" ] || exit 0
    kill -TERM $leaders
    sleep 3
    for leader in $leaders; do kill -s KILL -- "-$leader"; done`;
  const watchdog = spawn('sh', ['-c', script], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watchdog.unref();
  watchdog.stdin.on('error', () => {}); // the run goes on when somebody has ended the watchdog
  return watchdog;
}

/** Kills a group and all descendants of its members. Some have left the group: sshd gives each session its own. */
function killFamily(group: number): void {
  // A process may fork during a round. The next round finds its child.
  for (let round = 0; round < 10; round += 1) {
    const family = familyOf(group);
    if (family.length === 0) return;
    family.forEach(kill);
  }
}

function familyOf(group: number): number[] {
  const processes = runningProcesses();
  const family = new Set<number>();
  let size: number;
  do {
    size = family.size;
    for (const { pid, parent, group: own } of processes) {
      if (own === group || family.has(parent)) family.add(pid);
    }
  } while (family.size > size);
  return [...family];
}

function runningProcesses(): { pid: number; parent: number; group: number }[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='], { encoding: 'utf8' });
  return [...table.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+[^Z\s]\S*$/gm)].map((row) => ({
    pid: Number(row[1]),
    parent: Number(row[2]),
    group: Number(row[3]),
  }));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

function logLines(output: Readable, log: (line: string) => void): void {
  createInterface({ input: output }).on('line', log);
}
