import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('the options of the simulation', () => {
  it('have defaults', () => {
    expect(parseOptions([])).toEqual({
      sessions: 1000,
      from: 1,
      minutes: 45,
      untilViolation: false,
      record: false,
      goesOn: false,
    });
  });

  it('are numbers and switches', () => {
    expect(parseOptions(['--seed', '42', '--minutes', '10', '--jobs', '2', '--until-violation'])).toMatchObject({
      seed: 42,
      minutes: 10,
      jobs: 2,
      untilViolation: true,
    });
  });

  it.each([
    [['--minutes', '0'], 'Option --minutes: got 0, expected at least 1.'],
    [['--minutes', '601'], 'Option --minutes: got 601, expected at most 600.'],
    [['--seed', 'x'], 'Option --seed: got "x", expected a whole number.'],
    [['--go-on', '--from', '1'], 'Got --from and --go-on, expected one of them.'],
    [['--sessions', '-1'], /--sessions/],
    [['--session', '10'], /--session/],
  ])('are refused out of bounds: %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
