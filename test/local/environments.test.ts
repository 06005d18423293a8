import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../emulator/clock.ts';
import type { FunctionSpec } from '../../local/lambda/environment.ts';
import { Environments } from '../../local/lambda/environments.ts';

let directory: string;
let clock: VirtualClock;
let environments: Environments;
let lines: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'functions-'));
  clock = new VirtualClock();
  environments = new Environments({ clock, limit: 2 });
  lines = [];
});

afterEach(async () => {
  await environments.close();
  await rm(directory, { recursive: true });
});

async function functionOf(source: string, name = 'fn'): Promise<FunctionSpec> {
  const bundle = join(directory, `${name}.mjs`);
  await writeFile(bundle, source);
  return { name, bundle, environment: { GIVEN: 'yes' }, log: (line) => lines.push(line) };
}

const context = (signal = new AbortController().signal) => ({
  requestId: 'r-1',
  functionArn: 'arn:fn',
  deadlineMs: Date.now() + 60_000,
  signal,
});

const invoke = (fn: FunctionSpec, event: unknown, signal?: AbortSignal) =>
  environments.invoke(fn, event, context(signal));

/** A function that returns how often its environment has run it. With `{ hold: true }` it waits for the file `release`. */
const counter = () => `
  import { existsSync } from 'node:fs';
  let count = 0;
  export const handler = async ({ hold } = {}) => {
    while (hold && !existsSync(${JSON.stringify(join(directory, 'release'))})) await new Promise(setImmediate);
    return ++count;
  };`;
const release = () => writeFile(join(directory, 'release'), '');

describe('a function', () => {
  it('has the variables of its stack and no others', async () => {
    const fn = await functionOf('export const handler = async () => ({ ...process.env });');
    expect(await invoke(fn, {})).toEqual({ GIVEN: 'yes' });
  });

  it('gets event and context, and stays warm', async () => {
    const fn = await functionOf(`let count = 0;
      export const handler = async (event, { awsRequestId }) => ({ event, awsRequestId, count: ++count });`);
    expect(await invoke(fn, { a: 1 })).toEqual({ event: { a: 1 }, awsRequestId: 'r-1', count: 1 });
    expect(await invoke(fn, { a: 2 })).toMatchObject({ count: 2 });
  });

  it('has an environment of its own for each event at the same time', async () => {
    const fn = await functionOf(`let count = 0;
      export const handler = () => new Promise((resolve) => setTimeout(() => resolve(++count), 50));`);
    expect(await Promise.all([invoke(fn, {}), invoke(fn, {})])).toEqual([1, 1]);
  });

  it('fails with the error of its handler, and logs it', async () => {
    const fn = await functionOf('export const handler = async () => { throw new RangeError("too far"); };');
    await expect(invoke(fn, {})).rejects.toMatchObject({ name: 'RangeError', message: 'too far' });
    expect(lines.join('\n')).toMatch(/RangeError: too far/);
  });

  it('fails when its bundle does not load', async () => {
    const fn = await functionOf('throw new Error("no such table");');
    await expect(invoke(fn, {})).rejects.toThrow('no such table');
  });

  it('gets a new environment after one that has timed out', async () => {
    const fn = await functionOf(counter());
    const timeout = new AbortController();
    const hanging = invoke(fn, { hold: true }, timeout.signal);
    timeout.abort();
    await expect(hanging).rejects.toThrow('ended without an answer');
    expect(await invoke(fn, {})).toBe(1);
  });

  it('ends nothing but its own environment when it exits the process', async () => {
    const fn = await functionOf(
      'export const handler = async ({ die }) => { if (die) process.exit(3); return "alive"; };',
    );
    await expect(invoke(fn, { die: true })).rejects.toThrow('ended without an answer');
    expect(await invoke(fn, {})).toBe('alive');
  });
});

describe('the environments of all functions', () => {
  it('are no more than the limit, while further events wait', async () => {
    const fn = await functionOf(counter());
    const events = Array.from({ length: 7 }, () => invoke(fn, { hold: true }));
    expect(environments.count).toBe(2);
    await release();
    const counts = await Promise.all(events);
    expect(counts.filter((count) => count === 1).length).toBeLessThanOrEqual(2);
    expect(environments.count).toBe(2);
  });

  it('serve waiting events in order', async () => {
    await environments.close();
    environments = new Environments({ clock, limit: 1 });
    const fn = await functionOf(counter());
    const events = Array.from({ length: 5 }, () => invoke(fn, { hold: true }));
    await release();
    expect(await Promise.all(events)).toEqual([1, 2, 3, 4, 5]);
  });

  it('end after a minute without an event, and not sooner', async () => {
    const fn = await functionOf(counter());
    await invoke(fn, {});
    await clock.advance(59_000);
    expect(await invoke(fn, {})).toBe(2);
    await clock.advance(59_000);
    expect(environments.count).toBe(1);
    await clock.advance(1000);
    expect(environments.count).toBe(0);
    expect(await invoke(fn, {})).toBe(1);
  });

  it('make room: the one that is idle longest ends for another function', async () => {
    const [first, second, third] = await Promise.all(['a', 'b', 'c'].map((name) => functionOf(counter(), name)));
    if (!first || !second || !third) throw new Error('expected three functions');
    for (const fn of [first, second, third]) expect(await invoke(fn, {})).toBe(1);
    expect(environments.count).toBe(2);
    expect(await invoke(second, {})).toBe(2);
    expect(await invoke(first, {})).toBe(1);
  });

  it('forget an event whose time is up while it waits', async () => {
    const fn = await functionOf(counter());
    const busy = [invoke(fn, { hold: true }), invoke(fn, { hold: true })];
    const timeout = new AbortController();
    const late = invoke(fn, {}, timeout.signal);
    timeout.abort(new Error('its time is up'));
    await expect(late).rejects.toThrow('its time is up');
    await release();
    expect(await Promise.all(busy)).toEqual([1, 1]);
    expect(await invoke(fn, {})).toBe(2);
  });
});
