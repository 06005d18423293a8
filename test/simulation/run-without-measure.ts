/**
 * `npm run test:measures`: takes away one safety measure at a time, in a copy of the code, and simulates until the first
 * violation. Exits 1 when the simulation does not notice that one is missing.
 *   --sessions N    give up after N sessions (default 4000)
 *   --only WORDS    only the measures whose name holds these words
 *   --record        write the table into RESULTS.md
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { applyEdits, type Measure } from './measure.ts';
import { measures } from './measures.ts';
import { record, table } from './results.ts';

interface Result {
  readonly name: string;
  /** The first violation; undefined when the simulation did not notice. */
  readonly violation: string | undefined;
  /** Sessions that were simulated until then. */
  readonly sessions: string;
}

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '4000' },
    only: { type: 'string', default: '' },
    record: { type: 'boolean' },
  },
});
const root = join(import.meta.dirname, '../..');
const parts = [
  'bin',
  'lib',
  'contracts',
  'lambdas',
  'emulator',
  'local',
  'agent-image',
  'web',
  'test',
  'cdk.json',
  'package.json',
];

const results: Result[] = [];
for (const measure of measures.filter(({ name }) => name.includes(values.only))) {
  const result = await simulateWithout(measure);
  results.push(result);
  const verdict = result.violation === undefined ? 'UNNOTICED' : 'noticed  ';
  console.log(
    `${verdict}  without: ${result.name}\n           after ${result.sessions} sessions${result.violation ? `: ${result.violation}` : ''}`,
  );
}
if (values.record) await recordTable();
process.exitCode = results.every(({ violation }) => violation !== undefined) ? 0 : 1;

async function simulateWithout(measure: Measure): Promise<Result> {
  await using copy = await makeTemporaryFolder('without-measure');
  for (const part of parts) await cp(join(root, part), join(copy.path, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy.path, 'node_modules'));
  const changed = applyEdits(measure, (file) => readFileSync(join(root, file), 'utf8'));
  for (const [file, source] of changed) await writeFile(join(copy.path, file), source);
  const args = ['test/simulation/run-simulation.ts', '--sessions', values.sessions, '--until-violation'];
  const child = spawn(process.execPath, args, { cwd: copy.path });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [, violation] = /^seed \d+: (.*)$/m.exec(output) ?? [];
  const [, sessions] = /^after (\d+) of /m.exec(output) ?? [];
  if (sessions === undefined) throw new Error(`Got no result of the simulation without "${measure.name}":\n${errors}`);
  return { name: measure.name, violation, sessions };
}

async function recordTable(): Promise<void> {
  const rows = results.map(({ name, violation, sessions }) => [name, sessions, withoutIds(violation ?? 'NOT NOTICED')]);
  const headings = ['Without', 'Sessions until noticed', 'First violation'];
  await record('Without one measure', `npm run test:measures -- --sessions ${values.sessions}`, table(headings, rows));
}

/** Shortens the ids in a violation, which say nothing to a reader. */
function withoutIds(violation: string): string {
  return violation
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '…')
    .replace(/activation#[0-9a-f]{64}/g, 'an activation')
    .replace(/arn:aws:\S+/g, '…');
}
