import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import { type Account, newName } from '../account.ts';
import type { Operation } from '../check.ts';
import { newTable } from '../table.ts';

const Key = marshall({ [table.key]: 'one' });
const colour = { ProjectionExpression: '#colour', ExpressionAttributeNames: { '#colour': 'colour' } };

async function withItem(account: Account): Promise<string> {
  const TableName = await newTable(account);
  const Item = { ...Key, ...marshall({ colour: 'red', size: 7 }) };
  await account.dynamodb.send(new PutItemCommand({ TableName, Item }));
  return TableName;
}

/** The parameters that ask for a part of an item, or for what was there before. */
export const itemAnswers: Operation = {
  name: 'DynamoDB answers in part',
  checks: {
    'GetItem returns the attributes of the projection alone': {
      aws: { colour: 'red' },
      async observe(account) {
        const TableName = await withItem(account);
        const { Item = {} } = await account.dynamodb.send(new GetItemCommand({ TableName, Key, ...colour }));
        return unmarshall(Item);
      },
    },
    'PutItem returns the item that it replaces': {
      aws: { [table.key]: 'one', colour: 'red', size: 7 },
      async observe(account) {
        const TableName = await withItem(account);
        const command = new PutItemCommand({ TableName, Item: Key, ReturnValues: 'ALL_OLD' });
        return unmarshall((await account.dynamodb.send(command)).Attributes ?? {});
      },
    },
    'DeleteItem returns the item that it deletes': {
      aws: { [table.key]: 'one', colour: 'red', size: 7 },
      async observe(account) {
        const TableName = await withItem(account);
        const command = new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD' });
        return unmarshall((await account.dynamodb.send(command)).Attributes ?? {});
      },
    },
    'Query returns the attributes of the projection alone': {
      aws: [{ colour: 'red' }],
      async observe(account) {
        const command = new QueryCommand({
          TableName: await withItem(account),
          KeyConditionExpression: `${table.key} = :key`,
          ExpressionAttributeValues: marshall({ ':key': 'one' }),
          ...colour,
        });
        return ((await account.dynamodb.send(command)).Items ?? []).map((item) => unmarshall(item));
      },
    },
    'Scan returns the attributes of the projection alone': {
      aws: [{ colour: 'red' }],
      async observe(account) {
        const command = new ScanCommand({ TableName: await withItem(account), ConsistentRead: true, ...colour });
        return ((await account.dynamodb.send(command)).Items ?? []).map((item) => unmarshall(item));
      },
    },
    'Scan counts without items': {
      aws: { items: undefined, count: 1 },
      async observe(account) {
        const command = new ScanCommand({ TableName: await withItem(account), Select: 'COUNT' });
        const { Items: items, Count: count } = await account.dynamodb.send(command);
        return { items, count };
      },
    },
  },
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html */
export const tables: Operation = {
  name: 'DynamoDB CreateTable',
  checks: {
    'a table with a stream names its stream': {
      aws: true,
      async observe({ dynamodb }) {
        const TableName = newName('streamed');
        const command = new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
        });
        const { TableDescription } = await dynamodb.send(command);
        return TableDescription?.LatestStreamArn?.includes(`:table/${TableName}/stream/`) ?? false;
      },
    },
    'ListTables makes pages, which go on behind a name': {
      aws: { sizes: [1, 1], different: 2 },
      async observe(account) {
        await newTable(account);
        await newTable(account);
        const page = async (start?: string) => {
          const input = { Limit: 1, ...(start !== undefined && { ExclusiveStartTableName: start }) };
          return (await account.dynamodb.send(new ListTablesCommand(input))).TableNames ?? [];
        };
        const first = await page();
        const second = await page(first[0]);
        return { sizes: [first.length, second.length], different: new Set([...first, ...second]).size };
      },
    },
    'a new table has no time to live': {
      aws: { TimeToLiveStatus: 'DISABLED' },
      async observe(account) {
        const command = new DescribeTimeToLiveCommand({ TableName: await newTable(account) });
        return (await account.dynamodb.send(command)).TimeToLiveDescription;
      },
    },
  },
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html */
export const timeToLive: Operation = {
  name: 'DynamoDB DescribeTimeToLive',
  checks: {
    'names the attribute with the time': {
      aws: { TimeToLiveStatus: 'ENABLED', AttributeName: 'purgeAt' },
      async observe(account) {
        const TableName = await newTable(account);
        await account.setTimeToLive(TableName, 'purgeAt');
        const command = new DescribeTimeToLiveCommand({ TableName });
        return (await account.dynamodb.send(command)).TimeToLiveDescription;
      },
    },
  },
};
