/** How a transcript is read: its commands, and the values that differ from run to run. */
import { describe, expect, it } from 'vitest';
import { Samples, stepsIn } from './transcript.ts';

const firstId = '30c420bb-66a2-4546-835e-f7c9aff1a66c';
const secondId = 'c0541482-4c1c-4733-b5c6-9db29b9b3a29';

describe('a transcript', () => {
  it('has a command behind each dollar sign, and its output below', () => {
    expect(stepsIn('$ one \\\n  --more\nfirst\nsecond\n$ two')).toEqual([
      { command: 'one \\\n  --more', output: ['first', 'second'] },
      { command: 'two', output: [] },
    ]);
  });

  it('begins with a command', () => {
    expect(() => stepsIn('output')).toThrow('expected a transcript that begins with "$ "');
  });
});

describe('a line that a document shows', () => {
  it.each([
    ['inside', 'inside', true],
    ['inside', 'inside!', false],
    ['a.b', 'axb', false],
    ['{"id":"…"}', '{"id":"any thing"}', true],
    [`id ${firstId}`, `id ${secondId}`, true],
    [`id ${firstId}`, 'id 1', false],
    ['at 2026-11-20T12:06:08Z', 'at 2027-01-01T00:00:00Z', true],
    ['at 2026-11-20T12:06:08Z', 'at noon', false],
    ['127.77.0.2', '127.77.1.250', true],
    ['127.77.0.2', '10.0.0.1', false],
  ])('%j fits %j: %s', (shown, printed, expected) => {
    expect(new Samples().fits(shown, printed)).toBe(expected);
  });

  it('gives an address its value for all commands and lines behind it', () => {
    const samples = new Samples({ 'http://127.0.0.1:6001': 'http://127.0.0.1:40001' });
    expect(samples.fits('127.77.0.2', '127.77.0.9')).toBe(true);
    expect(samples.inCommand('ssh 127.77.0.2; curl http://127.0.0.1:6001/')).toBe(
      'ssh 127.77.0.9; curl http://127.0.0.1:40001/',
    );
    expect(samples.fits('host 127.77.0.2', 'host 127.77.0.9')).toBe(true);
    expect(samples.fits('host 127.77.0.2', 'host 127.77.0.3')).toBe(false);
  });
});
