import * as v from 'valibot';
import { arn, type Context } from '../context.ts';
import { root } from '../iam/principal.ts';
import { notAmongEmulated, type Operations, onlyEmulated } from '../operation.ts';
import { invalid, tableExists, tableNotFound } from './errors.ts';
import type { KeyAttribute, KeySchema } from './keys.ts';
import { limit, resourceName, tableOperation } from './request.ts';
import { streamLabel, TableStream } from './stream.ts';
import { Table } from './table.ts';

const keySchema = v.array(
  v.object({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE'], 'KeyType is HASH or RANGE') }),
);

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html */
const definitionEntries = {
  TableName: resourceName,
  KeySchema: keySchema,
  AttributeDefinitions: v.array(
    v.object({
      AttributeName: v.string(),
      AttributeType: v.picklist(['S', 'N', 'B'], 'AttributeType is S, N or B'),
    }),
  ),
  BillingMode: onlyEmulated(['PAY_PER_REQUEST']),
  GlobalSecondaryIndexes: v.optional(
    v.array(
      v.object({
        IndexName: resourceName,
        KeySchema: keySchema,
        Projection: v.object({
          ProjectionType: onlyEmulated(['ALL']),
        }),
      }),
    ),
    [],
  ),
  StreamSpecification: v.optional(
    v.object({
      StreamEnabled: v.literal(true, notAmongEmulated),
      StreamViewType: onlyEmulated(['NEW_AND_OLD_IMAGES']),
    }),
  ),
};
type Definition = v.InferOutput<v.ObjectSchema<typeof definitionEntries, undefined>>;

interface KnownTable {
  readonly definition: Definition;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly table: Table;
  readonly stream: TableStream | undefined;
  timeToLiveAttribute?: string;
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
  function create(definition: Definition) {
    const { TableName } = definition;
    if (tables.has(TableName)) throw tableExists(TableName);
    const stream = definition.StreamSpecification && new TableStream(context, TableName);
    const known = { definition, createdAt: context.clock.now(), table: newTable(definition, stream), stream };
    tables.set(TableName, known);
    return { TableDescription: { ...described(known), TableStatus: 'CREATING' } };
  }

  function find(name: string, detail = ''): KnownTable {
    const known = tables.get(name);
    if (known === undefined) throw tableNotFound(detail);
    return known;
  }

  const createTable = tableOperation(definitionEntries, create);

  const operations: Operations = {
    CreateTable: createTable,

    DescribeTable: tableOperation({ TableName: resourceName }, ({ TableName }) => {
      return { Table: described(find(TableName, `: Table: ${TableName} not found`)) };
    }),

    /** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html */
    DescribeTimeToLive: tableOperation({ TableName: resourceName }, ({ TableName }) => {
      const { timeToLiveAttribute: AttributeName } = find(TableName, `: Table: ${TableName} not found`);
      return {
        TimeToLiveDescription:
          AttributeName === undefined
            ? { TimeToLiveStatus: 'DISABLED' }
            : { TimeToLiveStatus: 'ENABLED', AttributeName },
      };
    }),

    /** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html */
    ListTables: tableOperation(
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
    /** Makes a table from an input of CreateTable. Throws an AwsError if it is not valid. */
    create(input: object): void {
      createTable.run(input, { service: 'dynamodb', action: 'CreateTable', caller: root(context.accountId) });
    },
    setTimeToLive(name: string, attributeName: string): void {
      find(name).timeToLiveAttribute = attributeName;
    },
    /** Returns a table by its name, or throws an AwsError. */
    tableOf: (name: string): Table => find(name).table,

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
