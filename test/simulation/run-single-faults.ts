/**
 * `npm run test:faults`: prints the table of every single fault. `--record` writes a summary of it into RESULTS.md. Exits 1 when
 * a path does not come to its final state.
 */
import { parseArgs } from 'node:util';
import { pooledSettings } from '../support/settings.ts';
import { withAssembly } from '../support/with-assembly.ts';
import { paths } from './paths.ts';
import { record, table } from './results.ts';
import { type Outcome, outcomesOf } from './single-fault.ts';

const { values } = parseArgs({ options: { record: { type: 'boolean' } } });

const outcomes = await withAssembly(async (assembly) => {
  const all: Outcome[] = [];
  console.log(line('path', 'call or delivery', 'fault', 'replies', 'passes'));
  for (const path of Object.keys(paths)) {
    for await (const outcome of outcomesOf(assembly, path)) {
      all.push(outcome);
      const { step, fault, replies, passes, flaws } = outcome;
      console.log(line(path, step, fault, replies, String(passes ?? 'NEVER'), flaws.join('; ')));
    }
  }
  return all;
}, pooledSettings);
const flawed = outcomes.filter(({ flaws }) => flaws.length > 0);
console.log(`
${outcomes.length} single faults, ${flawed.length} with a flaw.
passes: how many more looks the path needed until its final state (test/simulation/paths.ts). A look is a pass of the reaper
a minute later, or of the sweeper ten minutes later. 0: within half a minute, without a look.
A call that only reads has no effect, so a fault before it and after it are the same, and have one line.`);
if (values.record) await recordSummary();
process.exitCode = flawed.length === 0 ? 0 : 1;

function line(path: string, step: string, fault: string, replies: string, passes: string, flaws = ''): string {
  return `${path.padEnd(18)} ${step.padEnd(29)} ${fault.padEnd(33)} ${replies.padEnd(19)} ${passes}  ${flaws}`.trimEnd();
}

function inWords(passes: number | undefined): string {
  return passes === undefined ? 'Never' : `${passes} ${passes === 1 ? 'pass' : 'passes'}`;
}

/** One row for each path, and their sum: the faults by the number of passes they needed. */
async function recordSummary(): Promise<void> {
  const needed = [...new Set(outcomes.map(({ passes }) => passes))].sort((a, b) => (a ?? Infinity) - (b ?? Infinity));
  const row = (name: string, some: readonly Outcome[]) => [
    name,
    some.length,
    ...needed.map((count) => some.filter(({ passes }) => passes === count).length),
    some.filter(({ flaws }) => flaws.length > 0).length,
  ];
  const rows = Object.keys(paths).map((name) =>
    row(
      name,
      outcomes.filter(({ path }) => path === name),
    ),
  );
  const headings = ['Path', 'Faults', ...needed.map(inWords), 'Flaws'];
  await record('Single faults', 'npm run test:faults', table(headings, [...rows, row('All', outcomes)]));
}
