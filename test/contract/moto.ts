/**
 * `npm run test:moto` runs the contract against moto. It fails if moto differs from AWS in a way that differences.ts does not
 * list, or no longer differs as listed. `npm run test:moto -- --table` prints the list without moto.
 */
import { join } from 'node:path';
import { inspect, parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { NoPython } from '../support/python.ts';
import { operations } from './checks.ts';
import { differences } from './differences.ts';
import { motoVersion, startMoto } from './moto-server.ts';
import { unchecked } from './unchecked.ts';

const { values } = parseArgs({ options: { table: { type: 'boolean', default: false } } });
if (values.table) printTable();
else await testMoto();

async function testMoto(): Promise<void> {
  try {
    const moto = await startMoto();
    try {
      await runChecks(moto.url);
    } finally {
      await moto.close();
    }
  } catch (error) {
    if (!(error instanceof NoPython)) throw error;
    console.log(`Skipped: ${error.message}`);
  }
}

/** Runs the checks against moto. Vitest sets this program's exit code. */
async function runChecks(motoEndpoint: string): Promise<void> {
  const vitest = await startVitest('test', ['test/contract'], {
    root: join(import.meta.dirname, '../..'),
    config: false,
    watch: false,
    testTimeout: 60_000,
    provide: { motoEndpoint },
  });
  await vitest.close();
}

function printTable(): void {
  let differenceCount = 0;
  for (const { name, checks } of operations) {
    for (const [rule, { aws }] of Object.entries(checks)) {
      const difference = differences[name]?.[rule];
      if (difference === undefined) continue;
      differenceCount += 1;
      console.log(`${name}: ${rule}`);
      console.log(`  AWS, emulated  ${textOf(aws)}`);
      console.log(`  moto           ${textOf(difference.moto)}`);
      console.log(`  decided by     ${difference.fact}`);
      console.log(`                 ${difference.source}\n`);
    }
  }
  const checkCount = operations.flatMap(({ checks }) => Object.keys(checks)).length;
  for (const { answer, reason, source } of unchecked) {
    console.log(`Not checked: ${answer}`);
    console.log(`  ${reason}`);
    console.log(`  ${source}\n`);
  }
  console.log(
    `${checkCount} checks of ${operations.length} operations; moto ${motoVersion} differs in ${differenceCount}.`,
  );
  console.log(
    'These differences stand in test/contract/differences. `npm run test:moto` proves them against moto itself.',
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: null });
}
