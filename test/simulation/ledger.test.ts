import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, it } from 'vitest';
import { Ledger } from './ledger.ts';

const handoffKey = `role:${'0'.repeat(32)}`;

const transaction = (ClientRequestToken: string) => ({
  service: 'dynamodb',
  action: 'TransactWriteItems',
  kind: 'api' as const,
  caller: 'reaper',
  at: 0,
  input: {
    ClientRequestToken,
    TransactItems: [{ Put: { TableName: 'Handoffs', Item: marshall({ pk: handoffKey, id: 'notice-1' }) } }],
  },
});
const moment = (now: number) => ({ now, request: undefined, title: 'Reaper' });

it('A try of a transaction that AWS has carried out before writes nothing, for ten minutes', () => {
  const ledger = new Ledger();
  const minutes = (count: number) => count * 60_000;
  const writesAfter = (token: string, now: number) => {
    const call = transaction(token);
    if (!ledger.isRepeat(call, now)) ledger.note(call, {}, moment(now));
    return ledger.handoffWrites.get(handoffKey);
  };
  expect(writesAfter('one', 0)).toBe(1);
  expect(writesAfter('one', minutes(9))).toBe(1);
  expect(writesAfter('two', minutes(9))).toBe(2);
  expect(writesAfter('one', minutes(11))).toBe(3);
});
