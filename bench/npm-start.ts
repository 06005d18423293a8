/** The time from `npm start` until it says that it is ready, and the steps on the way, as the terminal shows them. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Closers } from '../local/closers.ts';
import { exitOf, lineOf } from '../test/support/ssh.ts';
import { columns, median } from './figures.ts';

const root = join(import.meta.dirname, '..');
/** The folders that a start keeps for the next one. */
const caches = ['.bundles', '.local/compile-cache'];
const goalSeconds = 2;

/** The seconds until ready, and the seconds of each step by its name. */
interface Start {
  readonly ready: number;
  readonly steps: Readonly<Record<string, number>>;
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
  return [
    `npm start until ready, once with empty caches and then ${rounds} times (s)\n\n`,
    columns([
      ['', 'first', 'median', 'min', 'max', 'goal'],
      ...Object.keys(firstStart.steps).map((step) => row(step, ({ steps }) => steps[step] ?? Number.NaN)),
      row('ready', ({ ready }) => ready, `<= ${goalSeconds}`),
    ]),
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
  child.stdout.resume();
  await closers.close();
  const steps = [...output.matchAll(/^(.*) \.\.\. ([\d.]+) s$/gm)].map(([, name, seconds]) => [name, Number(seconds)]);
  return { ready, steps: Object.fromEntries(steps) };
}

async function interrupt(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
  await exitOf(child);
}
