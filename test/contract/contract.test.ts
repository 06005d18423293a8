/**
 * Holds the emulated AWS to AWS, operation by operation. `npm run test:moto` runs the same checks against moto, an emulator that
 * others wrote. For each difference between the two, `differences` names the rule of AWS that decides.
 */
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { operations } from './checks.ts';
import { differences } from './differences.ts';
import { emulatedAccount } from './emulated-account.ts';
import { motoAccount } from './moto-account.ts';

const motoEndpoint = inject('motoEndpoint');

describe.each(operations)('$name', ({ name, checks }) => {
  test.each(Object.entries(checks))('%s', async (rule, { aws, observe }) => {
    const account = motoEndpoint === undefined ? await emulatedAccount() : motoAccount(motoEndpoint);
    onTestFinished(() => account.close());
    const difference = motoEndpoint === undefined ? undefined : differences[name]?.[rule];
    expect(await observe(account)).toEqual(difference === undefined ? aws : difference.moto);
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
