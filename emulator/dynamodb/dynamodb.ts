import * as v from 'valibot';
import type { Context } from '../context.ts';
import { type Operation, type Operations, operationMaker } from '../operation.ts';
import { createTables, tableOperations } from './tables.ts';

export interface DynamoDb {
  readonly operations: Operations;
  /** Makes a table exist, as CreateTable does. The table is usable as soon as this resolves. */
  createTable(input: object): Promise<void>;
  /** Returns the name of the partition key's attribute, or undefined if the table does not exist. */
  partitionKeyOf(tableName: string): string | undefined;
}

const tableDescription = v.object({ Table: v.object({ TableStatus: v.string() }) });
const newTable = v.object({
  TableName: v.string(),
  KeySchema: v.array(v.object({ AttributeName: v.string(), KeyType: v.string() })),
});

/** Makes DynamoDB, which is dynalite in memory. */
export function createDynamoDb({ clock }: Context): DynamoDb {
  const tables = createTables();
  const [createEmptyTable, describeTable] = [tables('CreateTable'), tables('DescribeTable')];
  const partitionKeys = new Map<string, string>();
  const operation = operationMaker('SerializationException');

  async function createTable(input: object): Promise<unknown> {
    const output = await createEmptyTable(input);
    const { TableName, KeySchema } = v.parse(newTable, input);
    for (const { AttributeName, KeyType } of KeySchema) {
      if (KeyType === 'HASH') partitionKeys.set(TableName, AttributeName);
    }
    // dynalite leaves a table CREATING until a timer of its own has fired, which a virtual clock does not know of.
    while (v.parse(tableDescription, await describeTable({ TableName })).Table.TableStatus !== 'ACTIVE');
    return output;
  }

  const operations = tableOperations.map((name): [string, Operation] => {
    const perform = name === 'CreateTable' ? createTable : tables(name);
    return [name, operation(v.looseObject({}), (input) => clock.busy(perform(input)))];
  });
  return {
    operations: Object.fromEntries(operations),
    async createTable(input) {
      await clock.busy(createTable(input));
    },
    partitionKeyOf: (tableName) => partitionKeys.get(tableName),
  };
}
