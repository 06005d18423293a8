import { GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import type { Account } from '../account.ts';
import { type Check, type Operation, outcomeOf } from '../check.ts';
import { newTable } from '../table.ts';

type TransactItem = NonNullable<TransactWriteItemsCommand['input']['TransactItems']>[number];

const key = (name: string) => marshall({ [table.key]: name });
const absent = `attribute_not_exists(${table.key})`;

/** Makes a table that holds the item `old`. */
async function withItem(account: Account) {
  const TableName = await newTable(account);
  await account.dynamodb.send(new PutItemCommand({ TableName, Item: key('old') }));
  const transact = (TransactItems: readonly TransactItem[], ClientRequestToken?: string) =>
    account.dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: [...TransactItems],
        ...(ClientRequestToken !== undefined && { ClientRequestToken }),
      }),
    );
  const has = async (name: string) =>
    (await account.dynamodb.send(new GetItemCommand({ TableName, Key: key(name), ConsistentRead: true }))).Item !==
    undefined;
  const put = (name: string, ConditionExpression?: string): TransactItem => ({
    Put: { TableName, Item: key(name), ...(ConditionExpression !== undefined && { ConditionExpression }) },
  });
  return { TableName, transact, has, put };
}

/** Reduces the answer to the reason for each write. */
const reasonsOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'accepted',
    (error: { readonly CancellationReasons?: readonly { readonly Code?: string }[] }) =>
      error.CancellationReasons?.map(({ Code }) => Code),
  );

const checks: Readonly<Record<string, Check>> = {
  'writes several items at once': {
    aws: [true, false],
    async observe(account) {
      const { TableName, transact, has, put } = await withItem(account);
      await transact([put('new', absent), { Delete: { TableName, Key: key('old') } }]);
      return [await has('new'), await has('old')];
    },
  },
  'writes nothing if one condition does not hold': {
    aws: ['TransactionCanceledException 400', false],
    async observe(account) {
      const { transact, has, put } = await withItem(account);
      const outcome = await outcomeOf(transact([put('new'), put('old', absent)]));
      return [outcome, await has('new')];
    },
  },
  'names the reason for each write': {
    aws: ['None', 'ConditionalCheckFailed'],
    async observe(account) {
      const { transact, put } = await withItem(account);
      return reasonsOf(transact([put('new'), put('old', absent)]));
    },
  },
  'checks an item that it does not write': {
    aws: ['None', 'ConditionalCheckFailed'],
    async observe(account) {
      const { TableName, transact, put } = await withItem(account);
      const ConditionCheck = { TableName, Key: key('old'), ConditionExpression: absent };
      return reasonsOf(transact([put('new'), { ConditionCheck }]));
    },
  },
  'updates an item, and deletes another, each on a condition': {
    aws: ['accepted', 7, false],
    async observe(account) {
      const { TableName, transact, has, put } = await withItem(account);
      await transact([put('other')]);
      const named = {
        ExpressionAttributeNames: { '#pk': table.key },
        ExpressionAttributeValues: marshall({ ':pk': 'old' }),
      };
      const outcome = await outcomeOf(
        transact([
          {
            Update: {
              TableName,
              Key: key('old'),
              UpdateExpression: 'SET #size = :size',
              ConditionExpression: '#pk = :pk',
              ExpressionAttributeNames: { '#pk': table.key, '#size': 'size' },
              ExpressionAttributeValues: marshall({ ':pk': 'old', ':size': 7 }),
            },
          },
          { Delete: { TableName, Key: key('other'), ConditionExpression: '#pk <> :pk', ...named } },
        ]),
      );
      const { Item = {} } = await account.dynamodb.send(new GetItemCommand({ TableName, Key: key('old') }));
      return [outcome, unmarshall(Item).size, await has('other')];
    },
  },
  'puts an item and checks another, each on a condition with values': {
    aws: ['ConditionalCheckFailed', 'None'],
    async observe(account) {
      const { TableName, transact } = await withItem(account);
      const named = {
        ExpressionAttributeNames: { '#pk': table.key },
        ExpressionAttributeValues: marshall({ ':pk': 'old' }),
      };
      return reasonsOf(
        transact([
          { Put: { TableName, Item: key('new'), ConditionExpression: '#pk = :pk', ...named } },
          { ConditionCheck: { TableName, Key: key('old'), ConditionExpression: '#pk = :pk', ...named } },
        ]),
      );
    },
  },
  'refuses two writes of one item': {
    aws: 'ValidationException 400',
    async observe(account) {
      const { transact, put } = await withItem(account);
      return outcomeOf(transact([put('new'), put('new')]));
    },
  },
  'repeats nothing for the same token': {
    aws: ['accepted', 'accepted'],
    async observe(account) {
      const { transact, put } = await withItem(account);
      const write = () => outcomeOf(transact([put('new', absent)], 'one'));
      return [await write(), await write()];
    },
  },
  'refuses a token of another request': {
    aws: 'IdempotentParameterMismatchException 400',
    async observe(account) {
      const { transact, put } = await withItem(account);
      await transact([put('new')], 'one');
      return outcomeOf(transact([put('other')], 'one'));
    },
  },
};

export const transactWriteItems: Operation = { name: 'DynamoDB TransactWriteItems', checks };
