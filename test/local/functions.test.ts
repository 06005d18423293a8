import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FunctionRunner } from '../../local/lambda/functions.ts';

let directory: string;
let runner: FunctionRunner;
let lines: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'functions-'));
  lines = [];
});

afterEach(async () => {
  await runner.close();
  await rm(directory, { recursive: true });
});

async function functionOf(source: string): Promise<void> {
  const bundle = join(directory, 'index.mjs');
  await writeFile(bundle, source);
  runner = new FunctionRunner({ name: 'fn', bundle, environment: { GIVEN: 'yes' } }, (line) => lines.push(line));
}

const context = (signal = new AbortController().signal) => ({
  requestId: 'r-1',
  functionArn: 'arn:fn',
  deadlineMs: Date.now() + 60_000,
  signal,
});

describe('a function', () => {
  it('has the environment it was given and nothing else', async () => {
    await functionOf('export const handler = async () => ({ ...process.env });');
    expect(await runner.invoke({}, context())).toEqual({ GIVEN: 'yes' });
  });

  it('gets event and context, and stays warm', async () => {
    await functionOf(`let count = 0;
      export const handler = async (event, { awsRequestId }) => ({ event, awsRequestId, count: ++count });`);
    expect(await runner.invoke({ a: 1 }, context())).toEqual({ event: { a: 1 }, awsRequestId: 'r-1', count: 1 });
    expect(await runner.invoke({ a: 2 }, context())).toMatchObject({ count: 2 });
  });

  it('has an environment of its own for each event at the same time', async () => {
    await functionOf(`let count = 0;
      export const handler = () => new Promise((resolve) => setTimeout(() => resolve(++count), 50));`);
    expect(await Promise.all([runner.invoke({}, context()), runner.invoke({}, context())])).toEqual([1, 1]);
  });

  it('fails with what its handler threw, which is logged', async () => {
    await functionOf('export const handler = async () => { throw new RangeError("too far"); };');
    await expect(runner.invoke({}, context())).rejects.toMatchObject({ name: 'RangeError', message: 'too far' });
    expect(lines.join('\n')).toMatch(/RangeError: too far/);
  });

  it('fails when its bundle can not be loaded', async () => {
    await functionOf('throw new Error("no such table");');
    await expect(runner.invoke({}, context())).rejects.toThrow('no such table');
  });

  it('is thrown away when it times out, and replaced', async () => {
    await functionOf(`let count = 0;
      export const handler = async ({ hang }) => { count++; if (hang) await new Promise(() => setInterval(() => {}, 1000)); return count; };`);
    const timeout = new AbortController();
    const hanging = runner.invoke({ hang: true }, context(timeout.signal));
    timeout.abort();
    await expect(hanging).rejects.toThrow('ended without an answer');
    expect(await runner.invoke({}, context())).toBe(1);
  });

  it('that ends its process takes only itself down', async () => {
    await functionOf('export const handler = async ({ die }) => { if (die) process.exit(3); return "alive"; };');
    await expect(runner.invoke({ die: true }, context())).rejects.toThrow('ended without an answer');
    expect(await runner.invoke({}, context())).toBe('alive');
  });
});
