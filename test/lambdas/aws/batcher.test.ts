import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../emulator/clock.ts';
import { Batcher, type CallForAll } from '../../../lambdas/aws/batcher.ts';
import { AwsRefused, AwsUnavailable } from '../../../lambdas/core/session/errors.ts';

/** A batcher whose calls take a second, answer each key with its upper case, and are listed. */
function scripted(answer: (keys: readonly string[]) => readonly string[] = (keys) => keys, most = 3) {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const callForAll: CallForAll<string> = async (keys) => {
    calls.push(keys.join(' '));
    await clock.sleep(1000);
    return new Map(answer(keys).map((key) => [key, key.toUpperCase()]));
  };
  const batcher = new Batcher({ most, callForAll, action: 'read letters', clock });
  const ask = (...keys: string[]) => Promise.all(keys.map((key) => batcher.ask(key)));
  const outcomes = async (...keys: string[]) => {
    const settled = await clock.run(Promise.allSettled(keys.map((key) => batcher.ask(key))));
    return settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.name));
  };
  return { clock, calls, ask, outcomes };
}

describe('what is asked at the same moment', () => {
  it('goes in one call, and what is asked meanwhile in the next', async () => {
    const { clock, calls, ask } = scripted();
    const first = ask('a', 'b');
    await clock.advance(500);
    const second = ask('c', 'd');
    expect(await clock.run(Promise.all([first, second]))).toEqual([
      ['A', 'B'],
      ['C', 'D'],
    ]);
    expect(calls).toEqual(['a b', 'c d']);
    expect(clock.now() - new VirtualClock().now()).toBe(2000);
  });

  it('goes in several calls if AWS takes fewer, and a key only once in each', async () => {
    const { clock, calls, ask } = scripted();
    expect(await clock.run(ask('a', 'a', 'b', 'c', 'd'))).toEqual(['A', 'A', 'B', 'C', 'D']);
    expect(calls).toEqual(['a b', 'c d']);
  });
});

describe('a key', () => {
  it('is asked again while AWS leaves it out', async () => {
    let times = 0;
    const { calls, outcomes } = scripted((keys) => keys.filter((key) => key !== 'b' || ++times > 2));
    expect(await outcomes('a', 'b', 'c')).toEqual(['A', 'B', 'C']);
    expect(calls).toEqual(['a b c', 'b', 'b']);
  });

  it('fails alone if AWS leaves it out four times', async () => {
    const { calls, outcomes } = scripted((keys) => keys.filter((key) => key !== 'b'));
    expect(await outcomes('a', 'b', 'c')).toEqual(['A', 'AwsUnavailable', 'C']);
    expect(calls).toEqual(['a b c', 'b', 'b', 'b']);
  });

  it('fails alone if AWS refuses every call that has it', async () => {
    const refusing = (keys: readonly string[]) => {
      if (keys.includes('d')) throw new AwsRefused('d is no letter');
      return keys;
    };
    const { calls, outcomes } = scripted(refusing, 8);
    expect(await outcomes('a', 'b', 'c', 'd', 'e')).toEqual(['A', 'B', 'C', 'AwsRefused', 'E']);
    expect(calls).toEqual(['a b c d e', 'a b c', 'd e', 'd', 'e']);
  });
});

it('A call that AWS can not answer now fails for all who asked, and the next one is made all the same', async () => {
  let isOut = true;
  const { calls, outcomes } = scripted((keys) => {
    if (isOut) throw new AwsUnavailable('later');
    return keys;
  });
  expect(await outcomes('a', 'b')).toEqual(['AwsUnavailable', 'AwsUnavailable']);
  isOut = false;
  expect(await outcomes('a')).toEqual(['A']);
  expect(calls).toEqual(['a b', 'a']);
});
