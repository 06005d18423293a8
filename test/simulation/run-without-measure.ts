/**
 * `npm run measures`: takes away one safety measure at a time, in a copy of the code, and simulates until something is violated
 * (`--sessions N` at the most, default 4000). Exits 1 when the simulation does not notice. `--only <words>` picks measures.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type Edit, type Measure, measures } from './measures.ts';

const { values } = parseArgs({ options: { sessions: { type: 'string' }, only: { type: 'string' } } });
const root = join(import.meta.dirname, '../..');
const most = values.sessions ?? '4000';

let unnoticed = 0;
for (const measure of measures.filter(({ name }) => name.includes(values.only ?? ''))) {
  const { noticed, line } = await simulateWithout(measure);
  if (!noticed) unnoticed++;
  console.log(`${noticed ? 'noticed  ' : 'UNNOTICED'}  without: ${measure.name}\n           ${line}`);
}
process.exitCode = unnoticed === 0 ? 0 : 1;

async function simulateWithout({ edits }: Measure): Promise<{ noticed: boolean; line: string }> {
  const copy = await mkdtemp(join(tmpdir(), 'without-'));
  try {
    for (const part of [
      'bin',
      'lib',
      'contracts',
      'lambdas',
      'emulator',
      'local',
      'agent-image',
      'test',
      'cdk.json',
      'package.json',
    ]) {
      await cp(join(root, part), join(copy, part), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const edit of edits) await apply(copy, edit);
    const child = spawn(process.execPath, ['test/simulation/main.ts', '--sessions', most, '--until-violation'], {
      cwd: copy,
    });
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const lines = output.trimEnd().split('\n');
    const violation = lines.find((line) => line.startsWith('seed '));
    const total = lines.find((line) => line.startsWith('after '));
    if (total === undefined) throw new Error(`The simulation did not come to its end:\n${errors}`);
    return { noticed: violation !== undefined, line: violation ? `${total}: ${violation}` : total };
  } finally {
    await rm(copy, { recursive: true });
  }
}

async function apply(directory: string, { file, find, replace }: Edit): Promise<void> {
  const path = join(directory, file);
  const source = await readFile(path, 'utf8');
  if (source.split(find).length !== 2) throw new Error(`${file} does not hold exactly once: ${find}`);
  await writeFile(
    path,
    source.replace(find, () => replace),
  );
}
