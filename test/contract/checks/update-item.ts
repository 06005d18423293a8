import {
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import type { Account } from '../account.ts';
import { type Check, type Operation, outcomeOf } from '../check.ts';
import { newTable } from '../table.ts';

const pk = 'places#people';
const Key = marshall({ [table.key]: pk });

type Update = Omit<UpdateItemCommandInput, 'TableName' | 'Key'>;

/** Adds a session to a set of places, as long as the set has room or has the session already. */
const taking = (id: string, most: number): Update => ({
  UpdateExpression: 'ADD #all :ids',
  ConditionExpression: 'attribute_not_exists(#all) OR size(#all) < :most OR contains(#all, :id)',
  ExpressionAttributeNames: { '#all': 'holders' },
  ExpressionAttributeValues: marshall({ ':ids': new Set([id]), ':id': id, ':most': most }),
});

/** The same with a set for each role, and so with two conditions in parentheses. */
const takingInRole = (id: string, most: number, mostPerRole: number): Update => ({
  UpdateExpression: 'ADD #all :ids, #role :ids',
  ConditionExpression:
    '(attribute_not_exists(#all) OR size(#all) < :most OR contains(#all, :id)) AND ' +
    '(attribute_not_exists(#role) OR size(#role) < :mostPerRole OR contains(#role, :id))',
  ExpressionAttributeNames: { '#all': 'holders', '#role': 'role#dev' },
  ExpressionAttributeValues: marshall({
    ':ids': new Set([id]),
    ':id': id,
    ':most': most,
    ':mostPerRole': mostPerRole,
  }),
});

const releasing = (id: string): Update => ({
  UpdateExpression: 'DELETE #all :ids',
  ExpressionAttributeNames: { '#all': 'holders' },
  ExpressionAttributeValues: marshall({ ':ids': new Set([id]) }),
});

const setting = (name: string, value: unknown): Update => ({
  UpdateExpression: 'SET #name = :value',
  ExpressionAttributeNames: { '#name': name },
  ExpressionAttributeValues: marshall({ ':value': value }),
});

const removing = (name: string): Update => ({
  UpdateExpression: 'REMOVE #name',
  ExpressionAttributeNames: { '#name': name },
});

const update = ({ dynamodb }: Account, TableName: string, request: Update) =>
  dynamodb.send(new UpdateItemCommand({ TableName, Key, ...request }));

async function itemIn({ dynamodb }: Account, TableName: string): Promise<unknown> {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item && unmarshall(Item);
}

async function tableWith(account: Account, before: object | undefined): Promise<string> {
  const TableName = await newTable(account);
  const Item = marshall({ [table.key]: pk, ...before });
  if (before) await account.dynamodb.send(new PutItemCommand({ TableName, Item }));
  return TableName;
}

/** Checks the outcome of an update of an item or of none, and the item afterwards. */
const updating = (
  before: object | undefined,
  request: Update,
  aws: { readonly outcome: string; readonly item: object | undefined },
): Check => ({
  aws: { outcome: aws.outcome, item: aws.item && { [table.key]: pk, ...aws.item } },
  async observe(account) {
    const TableName = await tableWith(account, before);
    return { outcome: await outcomeOf(update(account, TableName, request)), item: await itemIn(account, TableName) };
  },
});

/** Checks the attributes that an update returns. */
const returning = (ReturnValues: UpdateItemCommandInput['ReturnValues'], aws: object | undefined): Check => ({
  aws,
  async observe(account) {
    const TableName = await tableWith(account, { colour: 'red', size: 1 });
    const { Attributes } = await update(account, TableName, { ...setting('colour', 'blue'), ReturnValues });
    return Attributes && unmarshall(Attributes);
  },
});

const refusedBy = 'ConditionalCheckFailedException 400';
const notValid = 'ValidationException 400';
const holders = (...ids: readonly string[]) => ({ holders: new Set(ids) });

export const updateItem: Operation = {
  name: 'DynamoDB UpdateItem',
  checks: {
    'the first place makes the item': updating(undefined, taking('a', 1), { outcome: 'accepted', item: holders('a') }),
    'a place is taken where there is room': updating(holders('a'), taking('b', 2), {
      outcome: 'accepted',
      item: holders('a', 'b'),
    }),
    'a place is refused where there is no room': updating(holders('a', 'b'), taking('c', 2), {
      outcome: refusedBy,
      item: holders('a', 'b'),
    }),
    'a place that one has is taken again where there is no room': updating(holders('a', 'b'), taking('b', 2), {
      outcome: 'accepted',
      item: holders('a', 'b'),
    }),
    'a place in two sets is taken where both have room': updating(holders('a'), takingInRole('b', 2, 1), {
      outcome: 'accepted',
      item: { ...holders('a', 'b'), 'role#dev': new Set(['b']) },
    }),
    'a place in two sets is refused where one has no room': updating(
      { ...holders('a'), 'role#dev': new Set(['a']) },
      takingInRole('b', 2, 1),
      { outcome: refusedBy, item: { ...holders('a'), 'role#dev': new Set(['a']) } },
    ),
    'a place is given back': updating(holders('a', 'b'), releasing('a'), { outcome: 'accepted', item: holders('b') }),
    'a place that nobody holds is given back': updating(holders('b'), releasing('a'), {
      outcome: 'accepted',
      item: holders('b'),
    }),
    'the last place that is given back leaves no empty set': updating(holders('a'), releasing('a'), {
      outcome: 'accepted',
      item: {},
    }),
    'an update without an item makes one': updating(undefined, releasing('a'), { outcome: 'accepted', item: {} }),
    'an attribute is set': updating({ colour: 'red', size: 1 }, setting('colour', { now: ['blue'] }), {
      outcome: 'accepted',
      item: { colour: { now: ['blue'] }, size: 1 },
    }),
    'an attribute is removed': updating({ colour: 'red', size: 1 }, removing('colour'), {
      outcome: 'accepted',
      item: { size: 1 },
    }),
    'a set is not added to a text': updating({ holders: 'a' }, taking('a', 9), {
      outcome: notValid,
      item: { holders: 'a' },
    }),
    'the key can’t be set': updating({ size: 1 }, setting(table.key, 'other'), {
      outcome: notValid,
      item: { size: 1 },
    }),
    'an index key of another type is refused': updating({ size: 1 }, setting(table.dueIndex.sortKey, 'soon'), {
      outcome: notValid,
      item: { size: 1 },
    }),
    'one attribute can’t be changed twice': updating(
      { size: 1 },
      {
        UpdateExpression: 'SET #a = :a REMOVE #a',
        ExpressionAttributeNames: { '#a': 'size' },
        ExpressionAttributeValues: marshall({ ':a': 2 }),
      },
      { outcome: notValid, item: { size: 1 } },
    ),
    'an expression that is no update is refused': updating(
      { size: 1 },
      { ...setting('size', 2), UpdateExpression: 'SET #name :value' },
      { outcome: notValid, item: { size: 1 } },
    ),
    'a reserved word needs a placeholder': updating(
      undefined,
      { UpdateExpression: 'REMOVE state' },
      { outcome: notValid, item: undefined },
    ),
    'nothing is returned unless it is asked for': returning(undefined, undefined),
    'ALL_OLD returns the item before': returning('ALL_OLD', { [table.key]: pk, colour: 'red', size: 1 }),
    'ALL_NEW returns the item after': returning('ALL_NEW', { [table.key]: pk, colour: 'blue', size: 1 }),
    'UPDATED_OLD returns the changed attributes before': returning('UPDATED_OLD', { colour: 'red' }),
    'UPDATED_NEW returns the changed attributes after': returning('UPDATED_NEW', { colour: 'blue' }),
    'an unknown table is refused': {
      aws: 'ResourceNotFoundException 400',
      observe: (account) => outcomeOf(update(account, 'no-such-table', setting('size', 1))),
    },
  },
};
