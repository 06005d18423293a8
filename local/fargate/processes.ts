/**
 * Containers as process groups. What a container's PID namespace does on AWS is done here by hand: when its first process
 * ends, everything it started ends too, and when this program dies, however hard, so do all of its containers.
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
  /** The whole environment: nothing of our own reaches the process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

export class ProcessGroups {
  /** Process ids of the leaders, which are also the ids of their groups. */
  private readonly leaders = new Set<number>();
  private watchdog: ChildProcess | undefined;

  /** Rejects with Node's spawn error (ENOENT, EACCES) when the file cannot be run. */
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
        // ECS, too, tells the first process alone, which ends the others in an order that makes sense.
        if (signal === 'SIGTERM') child.kill(signal);
        else killFamily(leader);
      },
    };
  }

  /** Ends everything, at once. */
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
 * Ends whatever a person started on a bastion and left running after its connection had closed. sshd tells each of their
 * processes in SSH_CONNECTION at which address it was reached; only Linux lets us read that.
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
    return ''; // ended meanwhile, or somebody else's
  }
}

/**
 * A shell that reads the leaders, one line after each change, and ends them when the pipe closes: that happens when this
 * program is gone, even by SIGKILL. It has a session of its own, so that Ctrl-C does not reach it first.
 */
function startWatchdog(): ChildProcess {
  const script = `while read -r line; do leaders=$line; done
    [ -n "$leaders" ] || exit 0
    kill -TERM $leaders
    sleep 3
    for leader in $leaders; do kill -s KILL -- "-$leader"; done`;
  const watchdog = spawn('sh', ['-c', script], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watchdog.unref();
  watchdog.stdin.on('error', () => {}); // somebody ended it; we go on without
  return watchdog;
}

/** SIGKILL for a group and all descendants of its members, who may have left the group: sshd gives each session its own. */
function killFamily(group: number): void {
  // A process may fork while we look; what was born then is found in the next round.
  for (let round = 0; round < 10; round += 1) {
    const family = familyOf(group);
    if (family.length === 0) return;
    family.forEach(kill);
  }
}

function familyOf(group: number): number[] {
  const processes = runningProcesses();
  const family = new Set<number>();
  let known: number;
  do {
    known = family.size;
    for (const { pid, parent, group: own } of processes) {
      if (own === group || family.has(parent)) family.add(pid);
    }
  } while (family.size > known);
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
    // ended meanwhile
  }
}

function logLines(output: Readable, log: (line: string) => void): void {
  createInterface({ input: output }).on('line', log);
}
