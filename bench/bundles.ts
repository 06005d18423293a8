/** The size and the cold load time of each function's bundle, on the wall and on the processor. */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { forLambda } from '../lib/functions/bundle.ts';
import type { Closers } from '../local/closers.ts';
import { readStack } from '../local/cloudformation/stack.ts';
import { synthesize } from '../local/cloudformation/synthesize.ts';
import { columns, median, whole } from './figures.ts';
import { type Times, timed } from './timed.ts';

const root = join(import.meta.dirname, '..');
const startGoal = { kB: 400, loadMs: 90, whereBareNodeTakesMs: 23 };

interface Module {
  readonly title: string;
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Measures the bundles, and returns their table. @param rounds is the number of loads of each bundle, in turn with the others */
export async function bundles(rounds: number, closers: Closers): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-'));
  closers.add(() => rm(directory, { recursive: true }));
  await synthesize({}, directory);
  const place = { region: 'us-east-1', accountId: '000000000000', stackName: 'Bastions', apiUrl: 'http://api.local' };
  const deployed = readStack(directory, place).functions.map(({ title, bundle, environment }) => ({
    title,
    file: bundle,
    environment: { ...environment, AWS_REGION: place.region },
  }));
  const start = deployed.find(({ title }) => title === 'Start');
  if (start === undefined) throw new Error('The stack has no function "Start".');
  const naive = { ...start, title: 'Start, by esbuild alone', file: join(directory, 'naive.mjs') };
  await bundleNaively(naive.file);
  const withoutBundle = async (title: string, source: string): Promise<Module> => {
    const file = join(directory, `${title}.mjs`);
    await writeFile(file, source);
    return { title, file, environment: {} };
  };
  const bare = await withoutBundle('no bundle', '');
  const https = await withoutBundle('no bundle, node:https alone', "import 'node:https';");

  const modules = [bare, https, ...deployed, naive];
  const loads = modules.map((module) => ({ module, taken: [] as Times[] }));
  // The first load also reads the disk.
  for (const { module } of loads) await load(module);
  for (let round = 0; round < rounds; round += 1) {
    for (const { module, taken } of loads) taken.push(await load(module));
  }
  const wallMs = (taken: readonly Times[]) => taken.map((times) => times.wallMs);
  const bareMs = median(wallMs(loads[0]?.taken ?? []));
  const goalMs = (startGoal.loadMs * bareMs) / startGoal.whereBareNodeTakesMs;
  const rows = loads.map(async ({ module, taken }) => {
    const kB = (await stat(module.file)).size / 1000;
    return [
      module.title,
      module === bare || module === https ? '' : whole(kB),
      module === start ? `<= ${startGoal.kB}` : '',
      whole(median(wallMs(taken))),
      whole(Math.min(...wallMs(taken))),
      whole(median(wallMs(taken)) - bareMs),
      module === start ? `<= ${whole(goalMs)}` : '',
      whole(median(taken.map(({ cpuMs }) => cpuMs))),
    ];
  });
  return [
    `A fresh Node process loads a bundle and ends. Medians of ${rounds} in turn. The goal scales with bare Node.\n\n`,
    columns([['', 'kB', 'goal', 'load ms', 'min', 'over bare', 'goal', 'CPU ms'], ...(await Promise.all(rows))]),
  ].join('');
}

async function load({ title, file, environment }: Module): Promise<Times> {
  const times = await timed(`Node with the bundle ${title}`, [process.execPath, file], { ...environment });
  if (times === undefined) throw new Error(`${process.execPath} is not there.`);
  return times;
}

/** Bundles the start function with the project's options, but without its plugins. */
async function bundleNaively(outfile: string): Promise<void> {
  await build({ entryPoints: [join(root, 'lambdas/functions/start.ts')], outfile, ...forLambda });
}
