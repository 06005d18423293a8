import { describe, expect, inject, it } from 'vitest';
import { paths } from './paths.ts';
import { outcomesOf, stepsOf } from './single-fault.ts';

describe('every single fault', () => {
  it.each(Object.keys(paths))('on the path "%s" is got over within three passes', async (path) => {
    const wrong: string[] = [];
    let count = 0;
    for await (const { call, fault, told, passes, amiss } of outcomesOf(inject('assembly'), path)) {
      count++;
      if (passes === undefined || amiss.length > 0) wrong.push(`${call}, ${fault}: ${told}, ${amiss.join('; ')}`);
    }
    expect(count).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });

  it('strikes the calls that a path really makes', async () => {
    const names = (await stepsOf(inject('assembly'), 'start')).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['CreateSecurityGroup', 'RunTask', 'DescribeNetworkInterfaces']));
  });

  it('strikes deliveries too', async () => {
    const names = (await stepsOf(inject('assembly'), 'converge')).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['invocation of Teardown', 'event to TaskStopped']));
  });
});
