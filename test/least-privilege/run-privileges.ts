/**
 * `npm run privileges`: every grant of every role with the number of recorded calls that used it, then every attack with
 * those for whom it succeeds. Exits 1 when a call is denied, a grant has neither use nor reason, or an attack succeeds.
 *
 * Evaluated are the policies of roles. Those of resources are not: which API, rule and service may invoke a function
 * (AWS::Lambda::Permission), and who may send to the queue of failures (AWS::SQS::QueuePolicy). No role needs them, and what
 * AWS delivers through them is nobody's call. They name one source each.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../local/cloudformation/synthesize.ts';
import { testSettings } from '../support/settings.ts';
import { whoMay } from './attack-setup.ts';
import { attacksOn } from './attacks.ts';
import { type Grant, place, readTemplate, rolesOf } from './roles.ts';
import { exceptionFor } from './unused.ts';
import { recordUsage } from './usage.ts';

let amiss = 0;
const assembly = await mkdtemp(join(tmpdir(), 'privileges-'));
try {
  await synthesize(testSettings, assembly);
  await printUsage();
  await printAttacks();
} finally {
  await rm(assembly, { recursive: true });
}
console.log(`\n${amiss} amiss`);
process.exitCode = amiss === 0 ? 0 : 1;

async function printUsage(): Promise<void> {
  const { roles, requests, denied, calls } = await recordUsage(assembly);
  for (const { name, grants } of roles) {
    console.log(`\n${name}${grants.length === 0 ? '\n  may do nothing' : ''}`);
    for (const grant of grants) console.log(`  ${inWords(grant)}\n      ${use(grant, calls.get(grant) ?? 0)}`);
  }
  console.log(`\n${requests} different requests recorded, ${denied.length} denied`);
  for (const { role, request } of denied) console.log(`  DENIED ${role} ${JSON.stringify(request)}`);
  amiss += denied.length;
}

async function printAttacks(): Promise<void> {
  const template = readTemplate(assembly);
  const roles = rolesOf(template);
  console.log(`\nAttacks, each tried by all ${roles.length} roles`);
  for (const attack of attacksOn(template)) {
    const who = await whoMay(roles, attack);
    const expected = [...(attack.who ?? [])].sort().join(', ');
    const isAsExpected = who.join(', ') === expected;
    if (!isAsExpected) amiss++;
    const outcome =
      who.length === 0 ? 'denied' : `denied to all but ${who.join(', ')}, ${attack.because ?? 'whose work it is'}`;
    console.log(
      `  ${attack.what.padEnd(64)} ${isAsExpected ? outcome : `SUCCEEDS for ${who.join(', ') || 'nobody'}, expected ${expected || 'nobody'}`}`,
    );
  }
}

function inWords({ action, resource, conditions }: Grant): string {
  const terms = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => `${key} ${operator} ${short(String(value))}`),
  );
  return `${action.padEnd(36)} ${short(resource)}${terms.length === 0 ? '' : `  if ${terms.join(' and ')}`}`;
}

/** Without the parts of an ARN that are the same everywhere. */
function short(arn: string): string {
  return arn.replace(/^arn:aws:([\w-]+):[\w-]*:\d*:/, '$1 ').replaceAll(place.accountId, '…');
}

function use(grant: Grant, calls: number): string {
  if (calls > 0) return `used by ${calls} recorded calls`;
  const exception = exceptionFor(grant);
  if (exception) return `unused: ${exception.reason}`;
  amiss++;
  return 'UNUSED, without a reason';
}
