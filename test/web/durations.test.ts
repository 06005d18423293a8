import { describe, expect, it } from 'vitest';
import { countdown, dollars, dueWarning, lifetimes, shortTime, spokenTime, ttlOf } from '../../web/words/durations.ts';

describe('the countdown', () => {
  it.each([
    [3849, '1:04:09'],
    [3600, '1:00:00'],
    [3599.2, '1:00:00'],
    [725, '12:05'],
    [59, '0:59'],
    [0.4, '0:01'],
    [0, '0:00'],
    [-5, '0:00'],
  ])('of %d s is %s', (seconds, text) => expect(countdown(seconds)).toBe(text));
});

describe('the spoken time', () => {
  it.each([
    [3849, '1 hour 4 minutes'],
    [7200, '2 hours'],
    [60, '1 minute'],
    [59, 'less than a minute'],
    [-1, 'less than a minute'],
  ])('of %d s is %s', (seconds, text) => expect(spokenTime(seconds)).toBe(text));
});

describe('the short time', () => {
  it.each([
    [40, '40 s'],
    [59.6, '1 min'],
    [3600, '1 h'],
    [3840, '1 h 4 min'],
  ])('of %d s is %s', (seconds, text) => expect(shortTime(seconds)).toBe(text));
});

describe('the lifetimes to choose from', () => {
  it('end with the longest that the deployment allows', () => {
    expect(lifetimes(28_800).map(shortTime)).toEqual(['15 min', '30 min', '1 h', '2 h', '4 h', '8 h']);
    expect(lifetimes(5400).map(shortTime)).toEqual(['15 min', '30 min', '1 h', '1 h 30 min']);
    expect(lifetimes(90)).toEqual([90]);
  });

  it('are whole minutes for the API, a minute at least', () => {
    expect([90, 3600, 20].map(ttlOf)).toEqual(['1m', '60m', '1m']);
  });
});

describe('a warning', () => {
  it('is due once, when the time falls below its minutes', () => {
    expect([dueWarning(601, 600), dueWarning(600, 599), dueWarning(301, 299), dueWarning(61, 60)]).toEqual([
      10,
      undefined,
      5,
      1,
    ]);
  });
});

describe('an amount', () => {
  it('shows what cents would hide', () => {
    expect([0.0002, 0.0149, 0.1, 3.229].map(dollars)).toEqual(['$0.0002', '$0.0149', '$0.10', '$3.23']);
  });

  it('of nothing has cents alone', () => expect(dollars(0)).toBe('$0.00'));
});
