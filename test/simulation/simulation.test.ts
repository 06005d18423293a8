import { describe, expect, inject, it } from 'vitest';
import { runSeed } from './run-seed.ts';

/** Four short worlds cost as much as a long one, and draw more circumstances. `npm run test:simulation` simulates more. */
const minutes = 10;
const firstSeed = 1000;
const worlds = 10;

describe('a world', () => {
  it('has the same history whenever it is simulated', async () => {
    const seed = 1032; // has faults and orphans
    const [first, second] = [
      await runSeed(inject('pooledAssembly'), seed, minutes),
      await runSeed(inject('pooledAssembly'), seed, minutes),
    ];
    expect(first.faults).toBeGreaterThan(0);
    expect(first.history.length).toBeGreaterThan(100);
    expect(second.history).toEqual(first.history);
  });

  it('may last a minute', async () => {
    expect((await runSeed(inject('pooledAssembly'), 1, 1)).violations).toEqual([]);
  });

  it.each(Array.from({ length: worlds }, (_, n) => firstSeed + n))('of seed %d has no violation', async (seed) => {
    const { violations, sessions } = await runSeed(inject('pooledAssembly'), seed, minutes);
    expect(sessions).toBeGreaterThan(0);
    const command = `npm run test:simulation -- --seed ${seed} --minutes ${minutes}`;
    expect(violations, `read its history with: ${command}`).toEqual([]);
  });
});
