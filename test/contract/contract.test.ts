/**
 * Holds the emulated AWS to AWS, operation by operation. `npm run test:moto` runs the same checks against moto, an emulator that
 * others wrote. For each difference between the two, `differences` names the rule of AWS that decides.
 */
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { createAws } from '../../emulator/aws.ts';
import { realClock } from '../../emulator/clock.ts';
import { ScriptedContainers } from '../support/scripted-containers.ts';
import { operations } from './checks.ts';
import { differences } from './differences.ts';
import { emulatedAccount } from './emulated-account.ts';
import { motoAccount } from './moto-account.ts';
import { SentParameters } from './sent-parameters.ts';

const motoEndpoint = inject('motoEndpoint');
const sent = new SentParameters();

/** The pages of these take more resources than a check makes. test/emulator/paging.test.ts reads them. */
const pagedElsewhere: Readonly<Record<string, readonly string[]>> = {
  'cloudformation DescribeStacks': ['NextToken'],
  'cloudformation ListStackResources': ['NextToken'],
  'elasticache DescribeReplicationGroups': ['MaxRecords', 'Marker'],
  'elasticache DescribeCacheClusters': ['MaxRecords', 'Marker'],
  'elasticache DescribeServerlessCaches': ['MaxResults', 'NextToken'],
  'rds DescribeDBInstances': ['MaxRecords', 'Marker'],
  'rds DescribeDBClusters': ['MaxRecords', 'Marker'],
};

describe.each(operations)('$name', ({ name, checks }) => {
  test.each(Object.entries(checks))('%s', async (rule, { aws, observe }) => {
    const account = motoEndpoint === undefined ? await emulatedAccount(sent.note) : motoAccount(motoEndpoint);
    onTestFinished(() => account.close());
    const difference = motoEndpoint === undefined ? undefined : differences[name]?.[rule];
    expect(await observe(account)).toEqual(difference === undefined ? aws : difference.moto);
  });
});

describe.skipIf(motoEndpoint !== undefined)('the checks above', () => {
  const aws = createAws({ clock: realClock, containerHost: new ScriptedContainers(realClock) });
  const rows = Object.entries(aws.operations).flatMap(([service, actions]) =>
    actions.map((action) => ({ service, action })),
  );
  test.each(rows)('send every parameter that $service $action declares', ({ service, action }) => {
    const declared = aws.parametersOf(service, action);
    const unsent = declared.filter((parameter) => !sent.has(`${service} ${action}`, parameter));
    expect(unsent).toEqual(pagedElsewhere[`${service} ${action}`] ?? []);
  });
});

describe('every listed difference', () => {
  const rows = Object.entries(differences).flatMap(([name, rules]) =>
    Object.entries(rules).map(([rule, difference]) => ({ name, rule, difference })),
  );
  test.each(rows)('$name: $rule belongs to a check and differs from it', ({ name, rule, difference }) => {
    const check = operations.find((operation) => operation.name === name)?.checks[rule];
    expect(check).toBeDefined();
    expect(difference.moto).not.toEqual(check?.aws);
  });
});
