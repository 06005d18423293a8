/** From `npm start` until it says that it is ready. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Closers } from '../local/closers.ts';
import { exitOf, lineOf } from '../test/support/ssh.ts';
import { columns, median } from './figures.ts';

const goalSeconds = 15;

export async function npmStart(rounds: number, parent: Closers): Promise<string> {
  const taken: number[] = [];
  for (let round = 0; round < rounds; round += 1) taken.push(await secondsToReady(parent));
  return [
    `npm start until ready, ${rounds} times (s)\n\n`,
    columns([
      ['', 'median', 'min', 'max', 'goal'],
      [
        'seconds',
        ...[median(taken), Math.min(...taken), Math.max(...taken)].map((value) => value.toFixed(1)),
        `<= ${goalSeconds}`,
      ],
    ]),
  ].join('');
}

async function secondsToReady(parent: Closers): Promise<number> {
  const closers = new Closers();
  parent.add(() => closers.close());
  const began = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, PORT: '0', AWS_PORT: '0' },
    detached: true, // a group of its own, to be ended as Ctrl-C does: all of it
  });
  closers.add(() => interrupt(child));
  await lineOf(child.stdout, /^ready in /);
  const seconds = (performance.now() - began) / 1000;
  child.stdout.resume();
  await closers.close();
  return seconds;
}

async function interrupt(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
  await exitOf(child);
}
