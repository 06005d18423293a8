import { expect, it } from 'vitest';
import { VirtualClock } from '../../../emulator/clock.ts';
import { Turns } from '../../../lambdas/aws/turns.ts';

it('Turns come at once up to the burst, then at the rate, and none that would be too late', async () => {
  const clock = new VirtualClock();
  const turns = new Turns(clock, { burst: 3, perSecond: 2, mostWaitMs: 1000 });
  const beganAt = clock.now();
  const take = async () => ((await turns.take()) ? clock.now() - beganAt : undefined);
  const taken = Array.from({ length: 7 }, take);
  expect(await clock.run(Promise.all(taken))).toEqual([0, 0, 0, 500, 1000, undefined, undefined]);
  await clock.advance(5000);
  expect(await take()).toBe(6000);
});
