import {
  DeleteItemCommand,
  type DeleteItemCommandInput,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import type { Account } from '../account.ts';
import { type Check, type Operation, outcomeOf } from '../check.ts';
import { newTable } from '../table.ts';

const pk = 'claim#user#ann';
const Key = marshall({ [table.key]: pk });
const none = 'no-such-table';

async function itemIn({ dynamodb }: Account, TableName: string): Promise<unknown> {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item && unmarshall(Item);
}

const put = ({ dynamodb }: Account, TableName: string, item: object, more: Partial<PutItemCommandInput> = {}) =>
  dynamodb.send(new PutItemCommand({ TableName, Item: marshall({ [table.key]: pk, ...item }), ...more }));

const remove = ({ dynamodb }: Account, TableName: string, more: Partial<DeleteItemCommandInput> = {}) =>
  dynamodb.send(new DeleteItemCommand({ TableName, Key, ...more }));

type Condition = Pick<
  PutItemCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** The conditions that the functions write for sessions and their claims. */
const ifNew: Condition = {
  ConditionExpression: 'attribute_not_exists(#pk)',
  ExpressionAttributeNames: { '#pk': table.key },
};
const ifNewOrVersion = (version: number): Condition => ({
  ConditionExpression: 'attribute_not_exists(#pk) OR #version = :version',
  ExpressionAttributeNames: { '#pk': table.key, '#version': 'version' },
  ExpressionAttributeValues: marshall({ ':version': version }),
});
const ifVersion = (version: number): Condition => ({
  ConditionExpression: '#version = :seen',
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: marshall({ ':seen': version }),
});
const ifNewOrHeldBy = (self: string, previous: string): Condition => ({
  ConditionExpression: 'attribute_not_exists(#pk) OR #holder IN (:self, :previous)',
  ExpressionAttributeNames: { '#pk': table.key, '#holder': 'holder' },
  ExpressionAttributeValues: marshall({ ':self': self, ':previous': previous }),
});
const ifHeldBy = (self: string): Condition => ({
  ConditionExpression: '#holder = :self',
  ExpressionAttributeNames: { '#holder': 'holder' },
  ExpressionAttributeValues: marshall({ ':self': self }),
});

const refusedBy = 'ConditionalCheckFailedException 400';

/** Checks the outcome of a conditional write over an item or none, and the item in the table afterwards. */
const writing = (
  before: object | undefined,
  write: (account: Account, TableName: string) => Promise<unknown>,
  aws: { readonly outcome: string; readonly item: object | undefined },
): Check => ({
  aws: { outcome: aws.outcome, item: aws.item && { [table.key]: pk, ...aws.item } },
  async observe(account) {
    const TableName = await newTable(account);
    if (before) await put(account, TableName, before);
    return { outcome: await outcomeOf(write(account, TableName)), item: await itemIn(account, TableName) };
  },
});

const putting = (item: object, condition: Condition = {}) => {
  return (account: Account, TableName: string) => put(account, TableName, item, condition);
};
const removing = (condition: Condition = {}) => {
  return (account: Account, TableName: string) => remove(account, TableName, condition);
};

const one = { version: 1 };
const two = { version: 2 };
const mine = { holder: 'mine' };
const other = { holder: 'other' };

export const putItem: Operation = {
  name: 'DynamoDB PutItem',
  checks: {
    'replaces the whole item': writing({ version: 1, detail: 'old' }, putting({ version: 2 }), {
      outcome: 'accepted',
      item: two,
    }),
    'numbers, lists, maps and empty texts are returned as they were stored': writing(
      undefined,
      putting({ at: 1_700_000_000_123, cidrs: ['a', 'b'], values: { CODE: 'x' }, text: '', flag: true }),
      {
        outcome: 'accepted',
        item: { at: 1_700_000_000_123, cidrs: ['a', 'b'], values: { CODE: 'x' }, text: '', flag: true },
      },
    ),
    'a write if new is accepted without an item': writing(undefined, putting(one, ifNew), {
      outcome: 'accepted',
      item: one,
    }),
    'a write if new is refused over an item': writing(one, putting(two, ifNew), { outcome: refusedBy, item: one }),
    'a write if new or version 1 is accepted over version 1': writing(
      one,
      putting({ ...one, again: true }, ifNewOrVersion(1)),
      {
        outcome: 'accepted',
        item: { ...one, again: true },
      },
    ),
    'a write if new or version 1 is refused over version 2': writing(two, putting(one, ifNewOrVersion(1)), {
      outcome: refusedBy,
      item: two,
    }),
    'a write if version 1 is accepted over version 1': writing(one, putting(two, ifVersion(1)), {
      outcome: 'accepted',
      item: two,
    }),
    'a write if version 1 is refused over version 2': writing(two, putting(one, ifVersion(1)), {
      outcome: refusedBy,
      item: two,
    }),
    'a write if version 1 is refused without an item': writing(undefined, putting(one, ifVersion(1)), {
      outcome: refusedBy,
      item: undefined,
    }),
    'a write if new or of two holders is accepted without an item': writing(
      undefined,
      putting(mine, ifNewOrHeldBy('mine', 'other')),
      {
        outcome: 'accepted',
        item: mine,
      },
    ),
    'a write if new or of two holders is accepted over the second': writing(
      other,
      putting(mine, ifNewOrHeldBy('mine', 'other')),
      {
        outcome: 'accepted',
        item: mine,
      },
    ),
    'a write if new or of two holders is refused over a third': writing(
      { holder: 'third' },
      putting(mine, ifNewOrHeldBy('mine', 'other')),
      { outcome: refusedBy, item: { holder: 'third' } },
    ),
    'an index key of another type is refused': writing(undefined, putting({ [table.dueIndex.sortKey]: 'soon' }), {
      outcome: 'ValidationException 400',
      item: undefined,
    }),
    'an empty key is refused': writing(undefined, putting({ [table.key]: '' }), {
      outcome: 'ValidationException 400',
      item: undefined,
    }),
    'a name in the condition that is not defined is refused': writing(
      undefined,
      putting(one, { ConditionExpression: 'attribute_not_exists(#pk)' }),
      { outcome: 'ValidationException 400', item: undefined },
    ),
    'a value that the condition does not use is refused': writing(
      undefined,
      putting(one, { ...ifNew, ExpressionAttributeValues: marshall({ ':idle': 1 }) }),
      { outcome: 'ValidationException 400', item: undefined },
    ),
    'an unknown table is refused': {
      aws: 'ResourceNotFoundException 400',
      observe: (account) => outcomeOf(put(account, none, one)),
    },
  },
};

export const getItem: Operation = {
  name: 'DynamoDB GetItem',
  checks: {
    'an unknown item is no error': {
      aws: { item: undefined },
      observe: async (account) => ({ item: await itemIn(account, await newTable(account)) }),
    },
    'an unknown table is refused': {
      aws: 'ResourceNotFoundException 400',
      observe: (account) => outcomeOf(itemIn(account, none)),
    },
    'a key that is not the table’s is refused': {
      aws: 'ValidationException 400',
      async observe(account) {
        const TableName = await newTable(account);
        return outcomeOf(account.dynamodb.send(new GetItemCommand({ TableName, Key: marshall({ id: '1' }) })));
      },
    },
  },
};

export const deleteItem: Operation = {
  name: 'DynamoDB DeleteItem',
  checks: {
    'removes the item': writing(one, removing(), { outcome: 'accepted', item: undefined }),
    'a deletion without an item is accepted': writing(undefined, removing(), { outcome: 'accepted', item: undefined }),
    'a deletion if held is accepted from the holder': writing(mine, removing(ifHeldBy('mine')), {
      outcome: 'accepted',
      item: undefined,
    }),
    'a deletion if held is refused from another': writing(other, removing(ifHeldBy('mine')), {
      outcome: refusedBy,
      item: other,
    }),
    'a deletion if held is refused without an item': writing(undefined, removing(ifHeldBy('mine')), {
      outcome: refusedBy,
      item: undefined,
    }),
    'an unknown table is refused': {
      aws: 'ResourceNotFoundException 400',
      observe: (account) => outcomeOf(remove(account, none)),
    },
  },
};
