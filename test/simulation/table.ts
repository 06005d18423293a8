/** `npm run faults`: the table of every single fault. Exits 1 when one of them leaves anything amiss. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../local/synthesize.ts';
import { testSettings } from '../support/settings.ts';
import { outcomesOf, paths } from './single-fault.ts';

const assembly = await mkdtemp(join(tmpdir(), 'faults-'));
let bad = 0;
let all = 0;
try {
  await synthesize(testSettings, assembly);
  console.log(row('path', 'call', 'fault', 'told', 'passes until clean'));
  for (const path of Object.keys(paths)) {
    for await (const outcome of outcomesOf(assembly, path)) {
      const { call, fault, told, passes, violations } = outcome;
      all++;
      if (passes === undefined || violations.length > 0) bad++;
      console.log(row(path, call, fault, told, passes === undefined ? 'NEVER' : String(passes), violations.join('; ')));
    }
  }
} finally {
  await rm(assembly, { recursive: true });
}
console.log(`${all} single faults, ${bad} with something amiss`);
process.exitCode = bad === 0 ? 0 : 1;

function row(path: string, call: string, fault: string, told: string, passes: string, amiss = ''): string {
  return `${path.padEnd(9)} ${call.padEnd(32)} ${fault.padEnd(36)} ${told.padEnd(13)} ${passes}  ${amiss}`.trimEnd();
}
