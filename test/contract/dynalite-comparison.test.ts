/** Sends the same random requests to the emulated DynamoDB and to dynalite, and compares every answer. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Account, newName } from './account.ts';
import { dynaliteAccount } from './dynalite-account.ts';
import { emulatedAccount } from './emulated-account.ts';
import { askDynamoDb } from './plain-request.ts';
import { type Keys, tableDefinition } from './random-requests/items.ts';
import { anyRequests, type TableRequest } from './random-requests/requests.ts';
import { untilActive } from './table.ts';

let accounts: readonly Account[] = [];
beforeAll(async () => {
  accounts = [await emulatedAccount(), await dynaliteAccount()];
});
afterAll(() => Promise.all(accounts.map((account) => account.close())));

const maxPages = 12;

async function answerOf(account: Account, action: string, input: object) {
  const { status, answer } = await askDynamoDb(account, action, input);
  // DynamoDB shows where the syntax is wrong, and dynalite what it would have understood.
  const message = String(answer.message ?? '').replace(/Syntax error;.*/s, 'Syntax error');
  return status === 200 ? answer : { status, code: answer.__type, message };
}

/** Returns the answer, or the answers of all pages. Items of a batch come in no order. */
async function answersOf(account: Account, TableName: string, { action, input }: TableRequest): Promise<unknown> {
  if (action === 'BatchGetItem') {
    const answer = await answerOf(account, action, { RequestItems: { [TableName]: input } });
    if (!('Responses' in answer)) return answer;
    const items: unknown = Object(answer.Responses)[TableName];
    return { ...answer, Responses: Array.isArray(items) && items.map((item) => sortedText(item)).toSorted() };
  }
  const answers = [await answerOf(account, action, { TableName, ...input })];
  for (let next = startKeyIn(answers); next !== undefined && answers.length < maxPages; next = startKeyIn(answers)) {
    answers.push(await answerOf(account, action, { TableName, ...input, ExclusiveStartKey: next }));
  }
  return answers;
}

const startKeyIn = (answers: readonly object[]): unknown => Object(answers.at(-1)).LastEvaluatedKey;

const sortedText = (item: unknown): string => JSON.stringify(Object.entries(Object(item)).toSorted());

const forms: Readonly<Record<string, Keys>> = {
  'a table with a partition key': ['pk'],
  'a table with a sort key': ['pk', 'sk'],
};

describe.skipIf(inject('motoEndpoint') !== undefined)('the emulated DynamoDB and dynalite', () => {
  test.each(Object.entries(forms))('answer the same to every request to %s', async (_, keys) => {
    await fc.assert(
      fc.asyncProperty(anyRequests(keys), async (requests) => {
        const TableName = newName('table');
        for (const account of accounts) {
          await askDynamoDb(account, 'CreateTable', { TableName, ...tableDefinition(keys) });
          await untilActive(account.dynamodb, TableName);
        }
        for (const request of requests) {
          const [emulated, dynalite] = await Promise.all(
            accounts.map((account) => answersOf(account, TableName, request)),
          );
          expect(emulated, JSON.stringify(request)).toEqual(dynalite);
        }
      }),
      { numRuns: 25 },
    );
  });
});
