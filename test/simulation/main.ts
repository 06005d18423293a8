/**
 * `npm run simulate`: seeds until so many sessions have been simulated (`--sessions N`, default 1000), on all cores; or one seed
 * with its whole history (`--seed N`); `--minutes N` of business in each, default 45. Exits 1 when anything was violated.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { synthesize } from '../../local/cloudformation/synthesize.ts';
import { testSettings } from '../support/settings.ts';
import { runSeed, type SeedResult, worldMinutes } from './run-seed.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    sessions: { type: 'string' },
    from: { type: 'string' },
    jobs: { type: 'string' },
    minutes: { type: 'string', default: String(worldMinutes) },
    'until-violation': { type: 'boolean' },
  },
});

const minutes = Number(values.minutes);
const assembly = await mkdtemp(join(tmpdir(), 'simulation-'));
try {
  await synthesize(testSettings, assembly);
  process.exitCode = values.seed === undefined ? await many() : await one(Number(values.seed));
} finally {
  await rm(assembly, { recursive: true });
}

async function one(seed: number): Promise<number> {
  const result = await runSeed(assembly, seed, minutes);
  for (const line of result.history) console.log(line);
  console.log(
    `\nseed ${seed}: ${result.sessions} sessions, ${result.faults} faults, ${result.violations.length} violations`,
  );
  return result.violations.length === 0 ? 0 : 1;
}

/** Seeds in order, one at a time per worker, until enough sessions have been seen. */
async function many(): Promise<number> {
  const wanted = Number(values.sessions ?? 1000);
  const jobs = Number(values.jobs ?? availableParallelism());
  const began = performance.now();
  const total = { seeds: 0, sessions: 0, faults: 0, violations: 0 };
  let next = Number(values.from ?? 1);

  const progress = () => {
    const seconds = (performance.now() - began) / 1000;
    const rate = (total.sessions / seconds).toFixed(0);
    return `${total.sessions} of ${wanted} sessions, ${total.seeds} seeds, ${rate} sessions/s, ${total.faults} faults, ${total.violations} violations`;
  };
  const ticker = setInterval(() => console.log(progress()), 10_000);
  const work = async () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { assembly, minutes } });
    while (total.sessions < wanted && !(values['until-violation'] && total.violations > 0)) {
      const result = await seedOn(worker, next++);
      total.seeds++;
      total.sessions += result.sessions;
      total.faults += result.faults;
      total.violations += result.violations.length;
      for (const violation of result.violations) console.log(`seed ${result.seed}: ${violation}`);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: jobs }, work));
  clearInterval(ticker);
  console.log(`after ${progress()}`);
  const sameMinutes = minutes === worldMinutes ? '' : ` --minutes ${minutes}`;
  if (total.violations > 0)
    console.log(`Run one of these seeds alone to read its history: npm run simulate -- --seed <n>${sameMinutes}`);
  return total.violations === 0 ? 0 : 1;
}

function seedOn(worker: Worker, seed: number): Promise<SeedResult> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => reject(new Error(`Seed ${seed} could not be simulated.`, { cause: error }));
    worker.once('message', (result: SeedResult) => {
      worker.off('error', failed);
      resolve(result);
    });
    worker.once('error', failed);
    worker.postMessage(seed);
  });
}
