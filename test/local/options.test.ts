import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../emulator/token-bucket.ts';
import { functionLogLine } from '../../local/log-lines.ts';
import { readOptions } from '../../local/options.ts';

describe('the options of npm start', () => {
  it.each([
    [[], {}, { apiPort: 6001, awsPort: 6002, context: {} }],
    [[], { PORT: '80', AWS_PORT: '0' }, { apiPort: 80, awsPort: 0, context: {} }],
    [
      ['-c', 'maxTtl=2h', '--context', 'admins=a=b'],
      {},
      { apiPort: 6001, awsPort: 6002, context: { maxTtl: '2h', admins: 'a=b' } },
    ],
  ])('%j %j', (args, env, expected) => expect(readOptions(args, env)).toEqual(expected));

  it.each([
    [[], { PORT: '70000' }, /PORT: got "70000", expected a port/],
    [[], { AWS_PORT: 'x' }, /AWS_PORT: got "x"/],
    [['-c', 'maxTtl'], {}, /-c: got "maxTtl", expected <setting>=<value>/],
    [['--verbose'], {}, /--verbose/],
  ])('%j %j are refused', (args, env, message) => expect(() => readOptions(args, env)).toThrow(message));
});

describe('a line of a function’s log', () => {
  it.each([
    ['plain words', 'plain words'],
    ['{"level":"INFO","message":"ready","timestamp":"t","service":"start","sessionId":"s-1"}', 'ready  sessionId=s-1'],
    ['{"level":"ERROR","message":"failed","error":{"name":"E","message":"why"}}', 'ERROR  failed  why'],
    ['{"_aws":{},"OldestOverdueSeconds":0}', undefined],
  ])('%s', (line, shown) => expect(functionLogLine(line)).toBe(shown));
});

describe('a token bucket', () => {
  it('gives its burst at once, then its rate, and never saves up more than the burst', () => {
    const bucket = new TokenBucket(3, 2);
    const taken = (at: number, tries: number) =>
      Array.from({ length: tries }, () => bucket.take(at)).filter(Boolean).length;
    expect(taken(0, 5)).toBe(3);
    expect(taken(1000, 5)).toBe(2);
    expect(taken(1_000_000, 5)).toBe(3);
  });
});
