import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { stoppableClock, VirtualClock } from '../../emulator/clock.ts';
import { hourMs, minuteMs } from '../support/time.ts';

describe('VirtualClock', () => {
  test('fires timers by time and then in the order in which they were set, and shows each its own time', async () => {
    const clock = new VirtualClock(1000);
    const fired: string[] = [];
    const fire = (name: string) => () => fired.push(`${name}@${clock.now()}`);
    clock.after(20, fire('c'));
    clock.after(10, fire('a'));
    clock.after(10, fire('b'));
    clock.after(31, fire('too late'));
    clock.after(5, fire('cancelled'))();
    await clock.advance(30);
    expect(fired).toEqual(['a@1010', 'b@1010', 'c@1020']);
    expect(clock.now()).toBe(1030);
  });

  test('fires timers that are set on the way', async () => {
    const clock = new VirtualClock(0);
    const ticks: number[] = [];
    const tick = () => {
      ticks.push(clock.now());
      clock.after(10, tick);
    };
    clock.after(10, tick);
    await clock.advance(35);
    expect(ticks).toEqual([10, 20, 30]);
  });

  test('finishes what one timer started before it fires the next', async () => {
    const clock = new VirtualClock(0);
    const steps: string[] = [];
    const work = async (name: string) => {
      steps.push(`${name} begins`);
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      await clock.busy(readFile(import.meta.filename));
      steps.push(`${name} ends at ${clock.now()}`);
    };
    clock.after(1, () => void work('first'));
    clock.after(2, () => void work('second'));
    await clock.advance(2);
    expect(steps).toEqual(['first begins', 'first ends at 1', 'second begins', 'second ends at 2']);
  });

  test('waits for file reads that were not declared', async () => {
    const clock = new VirtualClock(0);
    let readAt: number | undefined;
    clock.after(1, () => void readFile(import.meta.filename).then(() => (readAt = clock.now())));
    clock.after(2, () => {});
    await clock.advance(2);
    expect(readAt).toBe(1);
  });

  test('run returns a result, and lets exactly the needed time pass', async () => {
    const clock = new VirtualClock(0);
    const slow = async () => {
      await clock.sleep(minuteMs);
      await clock.sleep(minuteMs / 2);
      return 'done';
    };
    expect(await clock.run(slow())).toBe('done');
    expect(clock.now()).toBe(1.5 * minuteMs);
  });

  test('run rejects like its promise', async () => {
    const clock = new VirtualClock();
    const rejection = clock.sleep(10).then(() => Promise.reject(new Error('it broke')));
    await expect(clock.run(rejection)).rejects.toThrow('it broke');
  });

  test('run lets no time pass for a promise that settles at once', async () => {
    const clock = new VirtualClock(0);
    clock.after(10, () => {});
    await clock.run(clock.busy(readFile(import.meta.filename)));
    expect(clock.now()).toBe(0);
  });

  test('run throws if the promise can no longer settle', async () => {
    const clock = new VirtualClock(0);
    clock.after(5, () => {});
    await expect(clock.run(new Promise(() => {}))).rejects.toThrow(
      'The awaited promise can no longer settle: at 1970-01-01T00:00:00.005Z',
    );
  });

  test('run gives up at its limit, even if timers keep coming', async () => {
    const clock = new VirtualClock(0);
    const tick = () => void clock.after(minuteMs, tick);
    tick();
    await expect(clock.run(new Promise(() => {}), hourMs)).rejects.toThrow(`not settled after ${hourMs} ms`);
    expect(clock.now()).toBe(hourMs);
  });

  test('refuses a second move at the same time, and allows one after a failed move', async () => {
    const clock = new VirtualClock(0);
    const first = clock.advance(10);
    await expect(clock.advance(10)).rejects.toThrow('already being moved');
    await first;
    clock.after(1, () => {
      throw new Error('from a timer');
    });
    await expect(clock.advance(5)).rejects.toThrow('from a timer');
    await clock.advance(5);
    expect(clock.now()).toBe(16);
  });
});

test('a stopped clock fires no timer, and the clock behind it fires its own', async () => {
  const clock = new VirtualClock(0);
  const owned = stoppableClock(clock);
  const fired: string[] = [];
  owned.after(1, () => fired.push('before the stop'));
  owned.after(10, () => fired.push('pending at the stop'));
  clock.after(10, () => fired.push('of the clock behind'));
  await clock.advance(5);
  owned.stop();
  owned.after(1, () => fired.push('set after the stop'));
  await clock.advance(10);
  expect(fired).toEqual(['before the stop', 'of the clock behind']);
});
