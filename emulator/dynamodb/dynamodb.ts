import type { Context } from '../context.ts';
import type { Operations } from '../operation.ts';
import { batchGetItem } from './batch-get-item.ts';
import { itemOperations } from './item-operations.ts';
import { readOperations } from './read-operations.ts';
import type { TableStream } from './stream.ts';
import { createTables } from './tables.ts';
import { transactWriteItems } from './transact-write-items.ts';

export interface DynamoDb {
  readonly operations: Operations;
  /** Makes a table exist, as CreateTable does. The table is usable at once. */
  createTable(input: object): void;
  /** Names the attribute with the time after which an item may go. Throws an AwsError if the table does not exist. */
  setTimeToLive(tableName: string, attributeName: string): void;
  /** Returns the name of the partition key's attribute, or undefined if the table does not exist. */
  partitionKeyOf(tableName: string): string | undefined;
  /** Returns the stream of a table by its ARN, or undefined if there is none. */
  streamOf(streamArn: string): TableStream | undefined;
}

/** Makes a DynamoDB without tables. */
export function createDynamoDb(context: Context): DynamoDb {
  const {
    operations: tableOperations,
    create,
    setTimeToLive,
    tableOf,
    partitionKeyOf,
    streamOf,
  } = createTables(context);
  return {
    operations: {
      ...tableOperations,
      ...itemOperations(tableOf),
      ...readOperations(tableOf),
      BatchGetItem: batchGetItem(tableOf),
      TransactWriteItems: transactWriteItems(context, tableOf),
    },
    createTable: create,
    setTimeToLive,
    partitionKeyOf,
    streamOf,
  };
}
