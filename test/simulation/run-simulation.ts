/**
 * `npm run test:simulation`: simulates world after world on all cores until so many sessions have been seen, or one world with
 * its whole history. `--help` lists the options. Exits 1 when anything was violated.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { pooledSettings } from '../support/settings.ts';
import { secondMs } from '../support/time.ts';
import { withAssembly } from '../support/with-assembly.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { addPiece, nextSeed, type Piece, pieceSessions } from './pieces.ts';
import { commit, resultsPath } from './results.ts';
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

/** Simulates piece after piece, until enough sessions have been seen. @returns the number of violations */
async function runMany(assembly: string, { sessions, goesOn, ...options }: Omit<Options, 'seed'>): Promise<number> {
  const startedAt = performance.now();
  const total: Total = { worlds: 0, sessions: 0, faults: 0, violations: 0 };
  let firstSeed = goesOn ? nextSeed(await readFile(resultsPath, 'utf8')) : options.from;
  const rate = () => (total.sessions / ((performance.now() - startedAt) / secondMs)).toFixed(0);
  const progress = () =>
    `${total.sessions} of ${sessions} sessions, ${total.worlds} seeds, ${rate()} sessions/s, ${total.faults} faults, ${total.violations} violations`;
  const ticker = setInterval(() => console.log(progress()), 10 * secondMs);
  while (total.sessions < sessions && !(options.untilViolation && total.violations > 0)) {
    const before = { ...total };
    const least = Math.min(sessions, before.sessions + pieceSessions);
    await runPiece(assembly, { ...options, from: firstSeed, sessions: least }, total);
    const lastSeed = firstSeed + total.worlds - before.worlds - 1;
    if (options.record) {
      await recordPiece({
        firstSeed,
        lastSeed,
        sessions: total.sessions - before.sessions,
        faults: total.faults - before.faults,
        violations: total.violations - before.violations,
      });
    }
    firstSeed = lastSeed + 1;
  }
  clearInterval(ticker);
  console.log(`after ${progress()}`);
  if (total.violations > 0) {
    const sameMinutes = options.minutes === worldMinutes ? '' : ` --minutes ${options.minutes}`;
    console.log(
      `Run one of these seeds alone to read its history: npm run test:simulation -- --seed <n>${sameMinutes}`,
    );
  }
  return total.violations;
}

/** Simulates seeds in order, one at a time per worker, until so many sessions have been seen in all. */
async function runPiece(
  assembly: string,
  { sessions, from, jobs = availableParallelism(), minutes, untilViolation }: Omit<Options, 'seed' | 'goesOn'>,
  total: Total,
): Promise<void> {
  let seed = from;
  const work = async () => {
    const worker = new SeedWorker(assembly, minutes);
    while (total.sessions < sessions && !(untilViolation && total.violations > 0)) add(total, await worker.run(seed++));
    await worker.close();
  };
  await Promise.all(Array.from({ length: jobs }, work));
}

function add(total: Total, { seed, sessions, faults, violations }: SeedResult): void {
  total.worlds++;
  total.sessions += sessions;
  total.faults += faults;
  total.violations += violations.length;
  for (const violation of violations) console.log(`seed ${seed}: ${violation}`);
}

async function recordPiece(piece: Omit<Piece, 'date' | 'commit'>): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  await writeFile(resultsPath, addPiece(await readFile(resultsPath, 'utf8'), { ...piece, date, commit: commit() }));
}
