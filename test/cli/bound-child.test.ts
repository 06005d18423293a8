/** Programs that end with the process that has started them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { spawnBound } from '../../cli/ssh/bound-child.ts';
import { exitOf } from '../../cli/ssh/openssh.ts';

const quiet = { stdio: ['ignore', 'pipe', 'pipe'], isDeaf: false } as const;

describe('a bound program', () => {
  it('ends with a process that SIGKILL ends, also if it does not hear Ctrl-C', async () => {
    const module = join(import.meta.dirname, '../../cli/ssh/bound-child.ts');
    for (const isDeaf of [false, true]) {
      const source = `
        import { spawnBound } from ${JSON.stringify(module)};
        spawnBound('sleep', ['600'], { stdio: ['ignore', 'inherit', 'inherit'], isDeaf: ${isDeaf} });
        console.log('started');`;
      const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(parent.stdout, 'data');
      parent.kill('SIGKILL');
      // The program holds the other end.
      await once(parent.stdout.resume(), 'close');
    }
  });

  it('gets its arguments as they are, and gives its exit code', async () => {
    const child = spawnBound('sh', ['-c', 'printf "%s|" "$@"; exit 7', 'x', 'a b', "it's", '$HOME', ''], quiet);
    const [output] = await once(child.stdout ?? process.stdin, 'data');
    expect([`${output}`, await exitOf(child, 'sh')]).toEqual(["a b|it's|$HOME||", 7]);
  });

  it('has no file of ours but the three that it was given', async () => {
    const child = spawnBound('sh', ['-c', '(true <&3) 2>/dev/null && echo open || echo closed'], quiet);
    expect(`${await once(child.stdout ?? process.stdin, 'data')}`).toBe('closed\n');
  });

  it('that has ended takes its watcher along', async () => {
    const child = spawnBound('true', [], quiet);
    // The watcher holds the other end of the pipe.
    await once(child, 'close');
    expect(child.exitCode).toBe(0);
  });
});
