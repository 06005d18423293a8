/** `npm run faults`: the table of every single fault. Exits 1 when one of them leaves anything amiss. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../local/cloudformation/synthesize.ts';
import { testSettings } from '../support/settings.ts';
import { paths } from './paths.ts';
import { outcomesOf } from './single-fault.ts';

const assembly = await mkdtemp(join(tmpdir(), 'faults-'));
let bad = 0;
let all = 0;
try {
  await synthesize(testSettings, assembly);
  console.log(row('path', 'call or delivery', 'fault', 'told', 'passes until clean'));
  for (const path of Object.keys(paths)) {
    for await (const { call, fault, told, passes, amiss } of outcomesOf(assembly, path)) {
      all++;
      if (amiss.length > 0) bad++;
      console.log(row(path, call, fault, told, passes === undefined ? 'NEVER' : String(passes), amiss.join('; ')));
    }
  }
} finally {
  await rm(assembly, { recursive: true });
}
console.log(`
${all} single faults, ${bad} with something amiss.
passes until clean: how often the reaper, a minute later each, or the sweeper, ten minutes later, had to look again until
the path was in the state that it must end in (test/simulation/paths.ts says which). 0: within half a minute, without any.
A call that only looks has no effect, so what happens before it and after it is the same, and has one line.`);
process.exitCode = bad === 0 ? 0 : 1;

function row(path: string, call: string, fault: string, told: string, passes: string, amiss = ''): string {
  return `${path.padEnd(18)} ${call.padEnd(29)} ${fault.padEnd(33)} ${told.padEnd(19)} ${passes}  ${amiss}`.trimEnd();
}
