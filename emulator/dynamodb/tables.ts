import * as v from 'valibot';
import { arn, type Context } from '../context.ts';
import type { Operations } from '../operation.ts';
import { invalid, tableExists, tableNotFound } from './errors.ts';
import type { KeyAttribute, KeySchema } from './keys.ts';
import { limit, resourceName, tableOperation } from './request.ts';
import { streamLabel, TableStream } from './stream.ts';
import { Table } from './table.ts';

const keySchema = v.array(
  v.strictObject({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE'], 'KeyType is HASH or RANGE') }),
);

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html */
const definitionEntries = {
  TableName: resourceName,
  KeySchema: keySchema,
  AttributeDefinitions: v.array(
    v.strictObject({
      AttributeName: v.string(),
      AttributeType: v.picklist(['S', 'N', 'B'], 'AttributeType is S, N or B'),
    }),
  ),
  BillingMode: v.picklist(['PAY_PER_REQUEST'], 'The emulated DynamoDB has no BillingMode but PAY_PER_REQUEST.'),
  GlobalSecondaryIndexes: v.optional(
    v.array(
      v.strictObject({
        IndexName: resourceName,
        KeySchema: keySchema,
        Projection: v.strictObject({
          ProjectionType: v.picklist(['ALL'], 'The emulated DynamoDB has no ProjectionType but ALL.'),
        }),
      }),
    ),
    [],
  ),
  StreamSpecification: v.optional(
    v.strictObject({
      StreamEnabled: v.literal(true, 'The emulated DynamoDB has no StreamEnabled but true.'),
      StreamViewType: v.picklist(
        ['NEW_AND_OLD_IMAGES'],
        'The emulated DynamoDB has no StreamViewType but NEW_AND_OLD_IMAGES.',
      ),
    }),
  ),
};
type Definition = v.InferOutput<v.StrictObjectSchema<typeof definitionEntries, undefined>>;

interface KnownTable {
  readonly definition: Definition;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly table: Table;
  readonly stream: TableStream | undefined;
}

/** Makes an account without tables, and the operations on tables as a whole. */
export function createTables(context: Context) {
  const tables = new Map<string, KnownTable>();

  function described({ definition, createdAt, table, stream }: KnownTable) {
    const tableArn = arn(context, 'dynamodb', `table/${definition.TableName}`);
    const { BillingMode, GlobalSecondaryIndexes, ...others } = definition;
    return {
      ...others,
      TableArn: tableArn,
      TableStatus: 'ACTIVE',
      CreationDateTime: createdAt / 1000,
      BillingModeSummary: { BillingMode },
      ItemCount: table.itemCount,
      ...(stream && { LatestStreamArn: stream.arn, LatestStreamLabel: streamLabel }),
      ...(GlobalSecondaryIndexes.length > 0 && {
        GlobalSecondaryIndexes: GlobalSecondaryIndexes.map((index) => ({
          ...index,
          IndexArn: `${tableArn}/index/${index.IndexName}`,
          IndexStatus: 'ACTIVE',
        })),
      }),
    };
  }

  /** Makes a table, which is usable at once. */
  const create = tableOperation('CreateTable', definitionEntries, (definition) => {
    const { TableName } = definition;
    if (tables.has(TableName)) throw tableExists(TableName);
    const stream = definition.StreamSpecification && new TableStream(context, TableName);
    const known = { definition, createdAt: context.clock.now(), table: newTable(definition, stream), stream };
    tables.set(TableName, known);
    return { TableDescription: { ...described(known), TableStatus: 'CREATING' } };
  });

  const operations: Operations = {
    CreateTable: create,

    DescribeTable: tableOperation('DescribeTable', { TableName: resourceName }, ({ TableName }) => {
      const known = tables.get(TableName);
      if (known === undefined) throw tableNotFound(`: Table: ${TableName} not found`);
      return { Table: described(known) };
    }),

    /** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html */
    ListTables: tableOperation(
      'ListTables',
      { ExclusiveStartTableName: v.optional(resourceName), Limit: v.optional(limit, 100) },
      ({ ExclusiveStartTableName: after = '', Limit }) => {
        const remaining = [...tables.keys()].filter((name) => name > after).sort();
        const TableNames = remaining.slice(0, Limit);
        return {
          TableNames,
          ...(remaining.length > Limit && { LastEvaluatedTableName: TableNames.at(-1) }),
        };
      },
    ),
  };

  return {
    operations,
    create,
    /** Returns a table by its name, or throws an AwsError. */
    tableOf(name: string): Table {
      const known = tables.get(name);
      if (known === undefined) throw tableNotFound();
      return known.table;
    },

    /** Returns a stream by its ARN, or undefined. */
    streamOf: (streamArn: string): TableStream | undefined =>
      [...tables.values()].find(({ stream }) => stream?.arn === streamArn)?.stream,
    /** Returns the name of the partition key's attribute, or undefined if the table does not exist. */
    partitionKeyOf: (name: string): string | undefined => tables.get(name)?.table.schema.partition.name,
  };
}

function newTable(
  { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes }: Definition,
  stream: TableStream | undefined,
): Table {
  const types = new Map(AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]));
  const schemaOf = (elements: Definition['KeySchema']): KeySchema => {
    const [partition, sort, ...others] = elements.map(({ AttributeName: name }): KeyAttribute => {
      const type = types.get(name);
      if (type !== undefined) return { name, type };
      throw invalid(
        'One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. ' +
          `Keys: [${elements.map(({ AttributeName }) => AttributeName).join(', ')}], AttributeDefinitions: [${[...types.keys()].join(', ')}]`,
      );
    });
    const [first, second] = elements.map(({ KeyType }) => KeyType);
    if (partition === undefined || first !== 'HASH') {
      throw invalid('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
    }
    if (others.length > 0 || (sort !== undefined && second !== 'RANGE')) {
      throw invalid('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
    }
    return { partition, sort };
  };
  return new Table(
    schemaOf(KeySchema),
    Object.fromEntries(GlobalSecondaryIndexes.map(({ IndexName, KeySchema: keys }) => [IndexName, schemaOf(keys)])),
    stream,
  );
}
