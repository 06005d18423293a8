/**
 * `npm run test:simulation`: simulates world after world on all cores until so many sessions have been seen, or one world with
 * its whole history. `--help` lists the options. Exits 1 when anything was violated.
 */
import { availableParallelism } from 'node:os';
import { pooledSettings } from '../support/settings.ts';
import { secondMs } from '../support/time.ts';
import { withAssembly } from '../support/with-assembly.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { record, table } from './results.ts';
import { runSeed, type SeedResult, worldMinutes } from './run-seed.ts';
import { SeedWorker } from './seed-worker.ts';

interface Total {
  worlds: number;
  sessions: number;
  faults: number;
  violations: number;
}

const options = parseOptions(process.argv.slice(2));
if (options === 'help') console.log(usage);
else process.exitCode = await withAssembly((assembly) => run(assembly, options), pooledSettings);

async function run(assembly: string, { seed, ...options }: Options): Promise<number> {
  const violations =
    seed === undefined ? await runMany(assembly, options) : await runOne(assembly, seed, options.minutes);
  return violations === 0 ? 0 : 1;
}

async function runOne(assembly: string, seed: number, minutes: number): Promise<number> {
  const { history, sessions, faults, violations } = await runSeed(assembly, seed, minutes);
  for (const line of history) console.log(line);
  console.log(`\nseed ${seed}: ${sessions} sessions, ${faults} faults, ${violations.length} violations`);
  return violations.length;
}

/** Simulates seeds in order, one at a time per worker, until enough sessions have been seen. */
async function runMany(assembly: string, options: Omit<Options, 'seed'>): Promise<number> {
  const { sessions, from, jobs = availableParallelism(), minutes, untilViolation } = options;
  const startedAt = performance.now();
  const total: Total = { worlds: 0, sessions: 0, faults: 0, violations: 0 };
  const rate = () => (total.sessions / ((performance.now() - startedAt) / secondMs)).toFixed(0);
  const progress = () =>
    `${total.sessions} of ${sessions} sessions, ${total.worlds} seeds, ${rate()} sessions/s, ${total.faults} faults, ${total.violations} violations`;
  const ticker = setInterval(() => console.log(progress()), 10 * secondMs);
  let nextSeed = from;
  const work = async () => {
    const worker = new SeedWorker(assembly, minutes);
    while (total.sessions < sessions && !(untilViolation && total.violations > 0))
      add(total, await worker.run(nextSeed++));
    await worker.close();
  };
  await Promise.all(Array.from({ length: jobs }, work));
  clearInterval(ticker);
  console.log(`after ${progress()}`);
  if (total.violations > 0) {
    const sameMinutes = minutes === worldMinutes ? '' : ` --minutes ${minutes}`;
    console.log(
      `Run one of these seeds alone to read its history: npm run test:simulation -- --seed <n>${sameMinutes}`,
    );
  }
  if (options.record) await recordTotal(total, rate(), options);
  return total.violations;
}

function add(total: Total, { seed, sessions, faults, violations }: SeedResult): void {
  total.worlds++;
  total.sessions += sessions;
  total.faults += faults;
  total.violations += violations.length;
  for (const violation of violations) console.log(`seed ${seed}: ${violation}`);
}

async function recordTotal(
  total: Total,
  rate: string,
  { sessions, from, minutes }: Omit<Options, 'seed'>,
): Promise<void> {
  const command = `npm run test:simulation -- --sessions ${sessions} --from ${from} --minutes ${minutes}`;
  const headings = ['Sessions', 'Worlds', 'Faults', 'Sessions per second', 'Violations'];
  const row = [total.sessions, total.worlds, total.faults, rate, total.violations];
  await record('Random worlds', command, table(headings, [row]));
}
