/** Holds dynalite to the checks of DynamoDB, and so to the answers of the emulated one. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Account } from './account.ts';
import { timeToLive } from './checks/item-answers.ts';
import { transactWriteItems } from './checks/transactions.ts';
import { operations } from './checks.ts';
import { dynaliteDifferences } from './differences/dynalite.ts';
import { dynaliteAccount } from './dynalite-account.ts';

/** dynalite has no transactions, and nothing sets a time to live there. */
const absentOperations = [transactWriteItems, timeToLive];
const tableOperations = operations.filter(
  (operation) => operation.name.startsWith('DynamoDB ') && !absentOperations.includes(operation),
);

let account: Account;
beforeAll(async () => {
  account = await dynaliteAccount();
});
afterAll(() => account.close());

describe.skipIf(inject('motoEndpoint') !== undefined)('dynalite', () => {
  describe.each(tableOperations)('$name', ({ name, checks }) => {
    test.each(Object.entries(checks))('%s', async (rule, { aws, observe }) => {
      const difference = dynaliteDifferences[name]?.[rule];
      expect(await observe(account)).toEqual(difference === undefined ? aws : difference.dynalite);
    });
  });

  const rows = Object.entries(dynaliteDifferences).flatMap(([name, rules]) =>
    Object.entries(rules).map(([rule, difference]) => ({ name, rule, difference })),
  );
  test.each(rows)('$name: $rule belongs to a check and differs from it', ({ name, rule, difference }) => {
    const check = operations.find((operation) => operation.name === name)?.checks[rule];
    expect(check).toBeDefined();
    expect(difference.dynalite).not.toEqual(check?.aws);
  });
});
