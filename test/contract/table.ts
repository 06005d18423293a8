import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { table } from '../../contracts/stack.ts';
import { type Account, newName } from './account.ts';

/** Makes a table with the keys and indexes of the session table, and returns its name. */
export async function newTable({ dynamodb }: Account): Promise<string> {
  const TableName = newName('sessions');
  const indexes = [table.dueIndex, table.historyIndex, table.claimIndex];
  // Two indexes may share an attribute, and DynamoDB takes each attribute once.
  const types = new Map<string, 'S' | 'N'>([[table.key, 'S']]);
  for (const { partitionKey, sortKey } of indexes) types.set(partitionKey, 'S').set(sortKey, 'N');
  const command = new CreateTableCommand({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: table.key, KeyType: 'HASH' }],
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    GlobalSecondaryIndexes: indexes.map(({ name, partitionKey, sortKey }) => ({
      IndexName: name,
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    })),
  });
  await dynamodb.send(command);
  await untilActive(dynamodb, TableName);
  return TableName;
}

const limitMs = 5000;

/** Waits until a new table can be used. Each question takes a moment, so that there is no pause between two. */
export async function untilActive(dynamodb: DynamoDBClient, TableName: string): Promise<void> {
  const deadline = performance.now() + limitMs;
  let status: string | undefined;
  while (status !== 'ACTIVE') {
    if (performance.now() > deadline)
      throw new Error(`Got ${status} for a new table, expected ACTIVE in ${limitMs} ms.`);
    status = (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
  }
}
