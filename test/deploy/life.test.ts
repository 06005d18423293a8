/** What the CDK's command says at each step, and what a destroyed stack leaves. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, inject, test } from 'vitest';
import type { Inventory } from './inventory.ts';
import { describedStack, resolvedTemplate, stackName } from './resolved.ts';
import type { Deployed } from './set-up-deployment.ts';

const { bootstrapped, first, diff, again, updated, destroyed } = inject('life');

const templateOf = ({ assembly }: Deployed) => readFileSync(join(assembly, `${stackName}.template.json`), 'utf8');

test('a diff right after the deployment finds no difference', () => {
  expect(diff).toContain('There were no differences');
});

test('the same sources synthesize the same template again', () => {
  expect(templateOf(again)).toBe(templateOf(first));
});

test('a second deployment changes nothing', () => {
  expect(again.printed).toContain('(no changes)');
  expect(again.inventory).toEqual(first.inventory);
});

test('other settings change resources, and replace none', () => {
  expect(templateOf(updated)).not.toBe(templateOf(first));
  expect(describedStack(updated.inventory).Resources).toEqual(describedStack(first.inventory).Resources);
});

test('a destroyed stack leaves the logs of who was let in, the images and the bundles, and nothing else', () => {
  const { Resources } = v.parse(retained, JSON.parse(templateOf(updated)));
  const kept = Object.entries(Resources).filter(([, { DeletionPolicy }]) => DeletionPolicy.startsWith('Retain'));
  expect(kept.map(([logicalId]) => logicalId)).toEqual(keptLogs);
  const names = resolvedTemplate(updated)
    .resources('AWS::Logs::LogGroup')
    .filter(({ logicalId }) => keptLogs.includes(logicalId))
    .map(({ ref }) => ref);
  const { 'AWS::Logs::LogGroup': logs, ...others } = leftBy(destroyed);
  expect(logs).toEqual(names.sort());
  expect(others).toEqual(assetsOf(updated.inventory));
});

/** CDK's bootstrap stack keeps assets for a rollback, and `cdk gc` removes them. */
const assetsOf = ({ file = {}, image = {} }: Inventory) => ({
  file: Object.keys(file).sort(),
  image: Object.keys(image).sort(),
});

/** The ids by type that the bootstrap did not make. */
function leftBy(inventory: Inventory): Record<string, string[]> {
  const types = Object.entries(inventory).map(([type, rows]): [string, string[]] => [
    type,
    Object.keys(rows)
      .filter((id) => !(id in (bootstrapped[type] ?? {})))
      .sort(),
  ]);
  return Object.fromEntries(types.filter(([, ids]) => ids.length > 0));
}

const retained = v.object({
  Resources: v.record(v.string(), v.object({ DeletionPolicy: v.optional(v.string(), 'Delete') })),
});

const keptLogs = [
  'AgentsSshLogCE534359',
  'AgentsSsmLog20EACE28',
  'AgentsBzeroSsmLog0E68AFBE',
  'AgentsBzeroLog3D16641A',
  'FunctionsStartLog858A609F',
  'FunctionsStopLogAF99840E',
  'FunctionsSessionsLog02C2145C',
  'FunctionsWebhookStartLogAFF0BD76',
  'FunctionsWebhookStopLogA18E28CC',
  'ApiAccessLog713001CC',
];
