import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { table } from '../../contracts/stack.ts';
import { type Account, newName } from './account.ts';

/** Makes a table with the keys and indexes of the session table, and returns its name. */
export async function newTable({ dynamodb }: Account): Promise<string> {
  const TableName = newName('sessions');
  const indexes = [table.dueIndex, table.historyIndex, table.claimIndex];
  const command = new CreateTableCommand({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: table.key, KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: table.key, AttributeType: 'S' },
      ...indexes.flatMap(({ partitionKey, sortKey }) => [
        { AttributeName: partitionKey, AttributeType: 'S' as const },
        { AttributeName: sortKey, AttributeType: 'N' as const },
      ]),
    ],
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
  return TableName;
}
