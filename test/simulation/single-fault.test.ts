import { describe, expect, inject, it } from 'vitest';
import { outcomesOf, stepsOf } from './single-fault.ts';

/** They take a tenth of the time of all paths. `npm run test:faults` has them all, and CI runs it. */
const shortPaths = ['take a handoff', 'move', 'stop', 'reap'];

describe.each(shortPaths)('the path "%s"', (path) => {
  it('comes to its final state within three passes after any single fault', async () => {
    const flawed: string[] = [];
    let count = 0;
    for await (const { step, fault, replies, passes, flaws } of outcomesOf(inject('pooledAssembly'), path)) {
      count++;
      if (passes === undefined || flaws.length > 0) flawed.push(`${step}, ${fault}: ${replies}, ${flaws.join('; ')}`);
    }
    expect(count).toBeGreaterThan(15);
    expect(flawed).toEqual([]);
  });
});

describe('the steps of a path', () => {
  it('are the calls that it makes', async () => {
    const names = (await stepsOf(inject('pooledAssembly'), 'start')).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['CreateSecurityGroup', 'RunTask', 'DescribeNetworkInterfaces']));
  });

  it('are the deliveries on it too', async () => {
    const names = (await stepsOf(inject('pooledAssembly'), 'converge')).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['invocation of Teardown', 'event to TaskStopped']));
  });
});
