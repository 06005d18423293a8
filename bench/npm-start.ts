/** The time from `npm start` until it says that it is ready, the steps on the way as the terminal shows them, and its memory then. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Closers } from '../local/closers.ts';
import { exitOf, lineOf, run } from '../test/support/ssh.ts';
import { columns, median, whole } from './figures.ts';

const root = join(import.meta.dirname, '..');
/** The folders that a start keeps for the next one. */
const caches = ['.bundles', '.local/compile-cache'];
const goalSeconds = 2;

/** The seconds until ready, and the seconds of each step by its name. */
interface Start {
  readonly ready: number;
  readonly steps: Readonly<Record<string, number>>;
  /** The memory of all its processes once it is ready, in MB. */
  readonly memoryMb: number;
}

/** Measures starts, and returns their table. @param rounds is the number of starts after the first */
export async function npmStart(rounds: number, parent: Closers): Promise<string> {
  for (const cache of caches) await rm(join(root, cache), { recursive: true, force: true });
  const firstStart = await measureStart(parent);
  const starts: Start[] = [];
  for (let round = 0; round < rounds; round += 1) starts.push(await measureStart(parent));
  const row = (name: string, secondsOf: (start: Start) => number, goal = '') => {
    const seconds = starts.map(secondsOf);
    const figures = [secondsOf(firstStart), median(seconds), Math.min(...seconds), Math.max(...seconds)];
    return [name, ...figures.map((value) => value.toFixed(1)), goal];
  };
  const memory = [firstStart, ...starts].map(({ memoryMb }) => memoryMb);
  return [
    `Seconds until ready, once with empty caches and then ${rounds} times.\n\n`,
    columns([
      ['', 'first', 'median', 'min', 'max', 'goal'],
      ...Object.keys(firstStart.steps).map((step) => row(step, ({ steps }) => steps[step] ?? Number.NaN)),
      row('ready', ({ ready }) => ready, `<= ${goalSeconds}`),
    ]),
    `\nMemory when it is ready: ${whole(Math.min(...memory))} to ${whole(Math.max(...memory))} MB resident, in all its processes\n`,
  ].join('');
}

async function measureStart(parent: Closers): Promise<Start> {
  const closers = new Closers();
  parent.add(() => closers.close());
  const startedAt = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, PORT: '0', AWS_PORT: '0' },
    // A process group of its own can be ended as a whole, as Ctrl-C does.
    detached: true,
  });
  closers.add(() => interrupt(child));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await lineOf(child.stdout, /^ready in /);
  const ready = (performance.now() - startedAt) / 1000;
  const memoryMb = await memoryOf(child.pid);
  child.stdout.resume();
  await closers.close();
  const steps = [...output.matchAll(/^(.*) \.\.\. ([\d.]+) s$/gm)].map(([, name, seconds]) => [name, Number(seconds)]);
  return { ready, steps: Object.fromEntries(steps), memoryMb };
}

/** The resident memory of the processes in the group that this process leads. */
async function memoryOf(leader: number | undefined): Promise<number> {
  const { code, stdout, stderr } = await run('ps', ['-A', '-o', 'pgid=,rss=']);
  if (code !== 0) throw new Error(`ps ended with ${code}, expected 0: ${stderr}`);
  const sizes = stdout.split('\n').flatMap((line) => {
    const [group, kB] = line.trim().split(/\s+/).map(Number);
    return group === leader && kB !== undefined ? kB : [];
  });
  return sizes.reduce((total, kB) => total + kB, 0) / 1000;
}

async function interrupt(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
  await exitOf(child);
}
