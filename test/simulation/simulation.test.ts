import { describe, expect, inject, it } from 'vitest';
import { runSeed } from './run-seed.ts';

/** A world costs what its business does: four short ones for each long one of `npm run simulate`. */
const minutes = 10;

describe('one world, one seed', () => {
  it('always has the same history', async () => {
    const [first, second] = [await runSeed(inject('assembly'), 7), await runSeed(inject('assembly'), 7)];
    expect(first.history.length).toBeGreaterThan(100);
    expect(second.history).toEqual(first.history);
  });

  it.each(Array.from({ length: 220 }, (_, n) => 1000 + n))('%d has no violation', async (seed) => {
    const { violations, sessions } = await runSeed(inject('assembly'), seed, minutes);
    expect(sessions).toBeGreaterThan(2);
    expect(violations, `read its history with: npm run simulate -- --seed ${seed} --minutes ${minutes}`).toEqual([]);
  });
});
