/**
 * `npm run test:privileges`: prints every grant of every role with the number of recorded calls that used it, then every attack
 * with the roles for which it succeeds. Exits 1 when a call is denied, a grant has neither use nor reason, or an attack succeeds.
 *
 * It evaluates the policies of roles. It leaves out those of resources, which name one source each: which API, rule and service
 * may invoke a function (AWS::Lambda::Permission), and who may send to the queue of failures (AWS::SQS::QueuePolicy). No role
 * needs them, and AWS's own deliveries through them are no call of ours.
 */
import { pooledSettings } from '../support/settings.ts';
import { withAssembly } from '../support/with-assembly.ts';
import { rolesAllowing } from './attack-setup.ts';
import { attacksOn } from './attacks.ts';
import { type Grant, place, readTemplate, rolesOf } from './roles.ts';
import { exceptionFor } from './unused.ts';
import { recordUsage } from './usage.ts';

const worlds = 24;

let flaws = 0;
async function printUsage(assembly: string): Promise<void> {
  const { roles, requests, denied, calls } = await recordUsage(assembly, worlds);
  for (const { name, grants } of roles) {
    console.log(`\n${name}${grants.length === 0 ? '\n  may do nothing' : ''}`);
    for (const grant of grants) console.log(`  ${inWords(grant)}\n      ${useOf(grant, calls.get(grant) ?? 0)}`);
  }
  console.log(`\n${requests} different requests recorded, ${denied.length} denied`);
  for (const { role, request } of denied) console.log(`  DENIED ${role} ${JSON.stringify(request)}`);
  flaws += denied.length;
}

async function printAttacks(assembly: string): Promise<void> {
  const template = readTemplate(assembly);
  const roles = rolesOf(template);
  console.log(`\nAttacks, each tried by all ${roles.length} roles`);
  for (const attack of attacksOn(template)) {
    const allowed = (await rolesAllowing(roles, attack)).join(', ');
    const expected = [...(attack.allowed ?? [])].sort().join(', ');
    if (allowed !== expected) flaws++;
    console.log(
      `  ${attack.name.padEnd(64)} ${allowed === expected ? outcomeOf(allowed, attack.reason) : surprise(allowed, expected)}`,
    );
  }
}

const outcomeOf = (allowed: string, reason = 'whose task it is'): string =>
  allowed === '' ? 'denied' : `denied to all but ${allowed}, ${reason}`;

const surprise = (allowed: string, expected: string): string =>
  `SUCCEEDS for ${allowed || 'no role'}, expected ${expected || 'no role'}`;

function inWords({ action, resource, conditions }: Grant): string {
  const terms = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => `${key} ${operator} ${short(String(value))}`),
  );
  return `${action.padEnd(36)} ${short(resource)}${terms.length === 0 ? '' : `  if ${terms.join(' and ')}`}`;
}

/** Shortens an ARN by the parts that are the same everywhere. */
function short(arn: string): string {
  return arn.replace(/^arn:aws:([\w-]+):[\w-]*:\d*:/, '$1 ').replaceAll(place.accountId, '…');
}

function useOf(grant: Grant, calls: number): string {
  if (calls > 0) return `used by ${calls} recorded calls`;
  const exception = exceptionFor(grant);
  if (exception) return `unused: ${exception.reason}`;
  flaws++;
  return 'UNUSED, without a reason';
}

await withAssembly(async (assembly) => {
  await printUsage(assembly);
  await printAttacks(assembly);
}, pooledSettings);
console.log(`\n${flaws} flaws`);
process.exitCode = flaws === 0 ? 0 : 1;
