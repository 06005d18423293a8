import { describe, expect, test } from 'vitest';
import { bodyText, textBody } from '../../emulator/wire.ts';
import { emulated } from './emulated.ts';

const TableName = 'items';
const byTeam = {
  IndexName: 'byTeam',
  KeySchema: [
    { AttributeName: 'team', KeyType: 'HASH' },
    { AttributeName: 'rank', KeyType: 'RANGE' },
  ],
  Projection: { ProjectionType: 'ALL' },
};
const definition = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'team', AttributeType: 'S' },
    { AttributeName: 'rank', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexes: [byTeam],
};

/** Makes an account with one table. Returns a function that sends one request, and returns the parsed answer. */
function tables() {
  const { clock, aws } = emulated();
  aws.dynamodb.createTable(definition);
  return async (action: string, input: object) => {
    const headers = { 'x-amz-target': `DynamoDB_20120810.${action}` };
    const body = textBody(JSON.stringify(input));
    return JSON.parse(bodyText(await clock.run(aws.handle({ method: 'POST', path: '/', headers, body }))));
  };
}

const key = { pk: { S: 'a' } };
const one = { ':one': { N: '1' } };

describe('the emulated DynamoDB', () => {
  test.each([
    [
      'UpdateItem',
      { Key: key, UpdateExpression: 'SET a = a + :one', ExpressionAttributeValues: one },
      'SET to anything but one value of ExpressionAttributeValues',
    ],
    ['UpdateItem', { Key: key, UpdateExpression: 'ADD a :one', ExpressionAttributeValues: one }, 'ADD of a number'],
    ['UpdateItem', { Key: key, UpdateExpression: 'REMOVE a.b' }, 'paths into maps and lists, as in UpdateExpression'],
    ['GetItem', { Key: key, ProjectionExpression: 'a[0]' }, 'paths into maps and lists, as in ProjectionExpression'],
  ])('refuses the expressions that it does not emulate in %s %j', async (action, input, part) => {
    const call = tables();
    expect(await call(action, { TableName, ...input })).toEqual({
      __type: 'NotEmulated',
      message: `The emulated DynamoDB has no ${part}.`,
    });
  });

  test.each([
    ['GetItem', { Key: key, AttributesToGet: ['pk'] }, 'parameter AttributesToGet'],
    ['GetItem', { Key: key, ReturnConsumedCapacity: 'TOTAL' }, 'parameter ReturnConsumedCapacity'],
    ['PutItem', { Item: key, Expected: {} }, 'parameter Expected'],
    [
      'PutItem',
      { Item: key, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
      'parameter ReturnValuesOnConditionCheckFailure',
    ],
    ['DeleteItem', { Key: key, ConditionalOperator: 'AND' }, 'parameter ConditionalOperator'],
    ['UpdateItem', { Key: key, AttributeUpdates: {} }, 'parameter AttributeUpdates'],
    ['Query', { KeyConditions: {} }, 'parameter KeyConditions'],
    ['Query', { Select: 'ALL_ATTRIBUTES' }, 'value "ALL_ATTRIBUTES" for the parameter Select'],
    ['Scan', { Segment: 0, TotalSegments: 2 }, 'parameter Segment'],
  ])('refuses what it does not emulate in %s %j', async (action, input, part) => {
    const call = tables();
    expect(await call(action, { TableName, ...input })).toEqual({
      __type: 'NotEmulated',
      message: `The emulated AWS has no ${part} of dynamodb ${action}.`,
    });
  });

  test.each([
    [{ BillingMode: 'PROVISIONED' }, 'value "PROVISIONED" for the parameter BillingMode'],
    [{ LocalSecondaryIndexes: [] }, 'parameter LocalSecondaryIndexes'],
    [{ SSESpecification: {} }, 'parameter SSESpecification'],
    [
      { GlobalSecondaryIndexes: [{ ...byTeam, Projection: { ProjectionType: 'KEYS_ONLY' } }] },
      'value "KEYS_ONLY" for the parameter GlobalSecondaryIndexes.0.Projection.ProjectionType',
    ],
  ])('refuses what it does not emulate in a table with %j', async (difference, part) => {
    const call = tables();
    expect(await call('CreateTable', { ...definition, TableName: 'other', ...difference })).toMatchObject({
      message: `The emulated AWS has no ${part} of dynamodb CreateTable.`,
    });
  });

  test('refuses an unknown parameter in each part of a batch', async () => {
    const call = tables();
    const answer = await call('BatchGetItem', {
      RequestItems: { [TableName]: { Keys: [key], AttributesToGet: ['a'] } },
    });
    expect(answer.message).toBe(
      'The emulated AWS has no parameter RequestItems.items.AttributesToGet of dynamodb BatchGetItem.',
    );
  });

  test('returns an attribute with any name as it was stored', async () => {
    const call = tables();
    const Item = JSON.parse('{"pk":{"S":"a"},"__proto__":{"S":"b"},"constructor":{"S":"c"},"toString":{"N":"1"}}');
    await call('PutItem', { TableName, Item });
    const { Item: stored } = await call('GetItem', { TableName, Key: key });
    expect(Object.entries(stored).toSorted()).toEqual(Object.entries(Item).toSorted());
  });

  test('finds no attribute of that name in an item without it', async () => {
    const call = tables();
    const ConditionExpression = 'attribute_not_exists(#name)';
    const ExpressionAttributeNames = { '#name': 'constructor' };
    const create = () => call('PutItem', { TableName, Item: key, ConditionExpression, ExpressionAttributeNames });
    expect([await create(), await create()]).toEqual([{}, {}]);
  });

  test('ends a page at 1 MB', async () => {
    const call = tables();
    const note = { S: 'x'.repeat(300_000) };
    for (const id of '12345') {
      const Item = { pk: { S: id }, team: { S: 'x' }, rank: { N: id }, note };
      await call('PutItem', { TableName, Item });
    }
    const query = {
      TableName,
      IndexName: 'byTeam',
      KeyConditionExpression: 'team = :x',
      ExpressionAttributeValues: { ':x': { S: 'x' } },
    };
    const first = await call('Query', query);
    const second = await call('Query', { ...query, ExclusiveStartKey: first.LastEvaluatedKey });
    expect([first.Count, second.Count, second.LastEvaluatedKey]).toEqual([4, 1, undefined]);
  });

  test('leaves keys of a batch unprocessed above 16 MB from several tables, and returns them in the next', async () => {
    const call = tables();
    const names = Array.from({ length: 15 }, (_, number) => `items-${number}`);
    const Keys = ['1', '2', '3'].map((id) => ({ pk: { S: id } }));
    for (const name of names) {
      await call('CreateTable', { ...definition, TableName: name });
      for (const Key of Keys) {
        await call('PutItem', { TableName: name, Item: { ...Key, note: { S: 'x'.repeat(400_000) } } });
      }
    }
    const RequestItems = Object.fromEntries(names.map((name) => [name, { Keys, ConsistentRead: true }]));
    const first = await call('BatchGetItem', { RequestItems });
    const second = await call('BatchGetItem', { RequestItems: first.UnprocessedKeys });
    const found = (responses: object) => Object.values(responses).flat();
    expect(found(first.Responses)).toHaveLength(41);
    expect(first.UnprocessedKeys['items-14']).toMatchObject({ ConsistentRead: true });
    expect(found(second.Responses)).toHaveLength(4);
    expect(second.UnprocessedKeys).toEqual({});
  });

  test.each([
    ['an item', 'PutItem', { Item: { ...key, note: { S: 'x'.repeat(409_600) } } }, 'Item size has exceeded'],
    [
      'an update',
      'UpdateItem',
      {
        Key: key,
        UpdateExpression: 'SET note = :x',
        ExpressionAttributeValues: { ':x': { S: 'x'.repeat(409_600) } },
      },
      'Item size to update has exceeded',
    ],
  ])('refuses %s of more than 400 KB', async (_, action, input, message) => {
    const call = tables();
    expect((await call(action, { TableName, ...input })).message).toContain(message);
    expect(await call('GetItem', { TableName, Key: key })).toEqual({});
  });

  test('refuses an empty text as the key of an index', async () => {
    const call = tables();
    const answer = await call('PutItem', { TableName, Item: { ...key, team: { S: '' }, rank: { N: '1' } } });
    expect(answer.message).toContain('IndexName: byTeam, IndexKey: team');
  });

  test('refuses values that are nested more than 32 levels deep', async () => {
    const call = tables();
    const nested = (levels: number): object => (levels === 0 ? { S: 'x' } : { L: [nested(levels - 1)] });
    expect(await call('PutItem', { TableName, Item: { ...key, deep: nested(31) } })).toEqual({});
    const { message } = await call('PutItem', { TableName, Item: { ...key, deep: nested(32) } });
    expect(message).toContain('Nesting Levels have exceeded supported limits');
  });

  test('orders numbers that a double can’t tell apart', async () => {
    const call = tables();
    const ranks = ['-1e30', '-0.5', '9007199254740993', '9007199254740993.5', '9007199254740994'];
    for (const rank of ranks.toReversed()) {
      await call('PutItem', { TableName, Item: { pk: { S: rank }, team: { S: 'x' }, rank: { N: rank } } });
    }
    const { Items } = await call('Query', {
      TableName,
      IndexName: 'byTeam',
      KeyConditionExpression: 'team = :x',
      ExpressionAttributeValues: { ':x': { S: 'x' } },
    });
    expect(Items.map(({ pk }: { pk: { S: string } }) => pk.S)).toEqual(ranks);
  });

  test('shows its tables', async () => {
    const call = tables();
    await call('PutItem', { TableName, Item: key });
    expect(await call('DescribeTable', { TableName })).toMatchObject({
      Table: { TableName, TableStatus: 'ACTIVE', ItemCount: 1, GlobalSecondaryIndexes: [{ IndexName: 'byTeam' }] },
    });
    await call('CreateTable', { ...definition, TableName: 'another' });
    expect(await call('ListTables', { Limit: 1 })).toEqual({
      TableNames: ['another'],
      LastEvaluatedTableName: 'another',
    });
    expect(await call('ListTables', { ExclusiveStartTableName: 'another' })).toEqual({ TableNames: [TableName] });
    expect(await call('DescribeTable', { TableName: 'none' })).toMatchObject({
      message: 'Requested resource not found: Table: none not found',
    });
  });
});
