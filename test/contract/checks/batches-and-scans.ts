import {
  BatchGetItemCommand,
  type KeysAndAttributes,
  ListTablesCommand,
  PutItemCommand,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import type { Account } from '../account.ts';
import { type Check, type Operation, outcomeOf, pagesOf } from '../check.ts';
import { newTable } from '../table.ts';

const keyOf = (id: string) => marshall({ [table.key]: id });

/** Makes the items `1` to `5`. Each has a colour, and one of them a time at which it is due. */
async function fiveItems(account: Account): Promise<string> {
  const TableName = await newTable(account);
  for (const id of ['1', '2', '3', '4', '5']) {
    const due = id === '3' && { [table.dueIndex.partitionKey]: 'live', [table.dueIndex.sortKey]: 7 };
    const Item = marshall({ [table.key]: id, colour: Number(id) % 2 === 0 ? 'blue' : 'red', ...due });
    await account.dynamodb.send(new PutItemCommand({ TableName, Item }));
  }
  return TableName;
}

const idsOf = (items: readonly Record<string, unknown>[]) => items.map((item) => item[table.key]).toSorted();

type Batch = Omit<KeysAndAttributes, 'Keys'> & { readonly ids: readonly string[] };

async function getBatch({ dynamodb }: Account, TableName: string, { ids, ...others }: Batch) {
  const RequestItems = { [TableName]: { Keys: ids.map(keyOf), ...others } };
  const { Responses, UnprocessedKeys } = await dynamodb.send(new BatchGetItemCommand({ RequestItems }));
  const items = (Responses?.[TableName] ?? []).map((item) => unmarshall(item));
  return { items, unprocessed: Object.keys(UnprocessedKeys ?? {}) };
}

const refusedBatch = (request: Batch): Check => ({
  aws: 'ValidationException 400',
  observe: async (account) => outcomeOf(getBatch(account, await fiveItems(account), request)),
});

export const batchGetItem: Operation = {
  name: 'DynamoDB BatchGetItem',
  checks: {
    'returns the items that there are': {
      aws: { ids: ['1', '4'], unprocessed: [] },
      async observe(account) {
        const request = { ids: ['1', 'none', '4'], ConsistentRead: true };
        const { items, unprocessed } = await getBatch(account, await fiveItems(account), request);
        return { ids: idsOf(items), unprocessed };
      },
    },
    'returns the attributes of the projection alone': {
      aws: [{ [table.key]: '1' }],
      async observe(account) {
        const request = { ids: ['1'], ProjectionExpression: table.key };
        return (await getBatch(account, await fiveItems(account), request)).items;
      },
    },
    'a projection may use a placeholder': {
      aws: [{ colour: 'red' }],
      async observe(account) {
        const names = { ProjectionExpression: '#c', ExpressionAttributeNames: { '#c': 'colour' } };
        return (await getBatch(account, await fiveItems(account), { ids: ['1'], ...names })).items;
      },
    },
    'reads two tables at once': {
      aws: [1, 0],
      async observe(account) {
        const [full, empty] = [await fiveItems(account), await newTable(account)];
        const RequestItems = { [full]: { Keys: [keyOf('1')] }, [empty]: { Keys: [keyOf('1')] } };
        const { Responses = {} } = await account.dynamodb.send(new BatchGetItemCommand({ RequestItems }));
        return [Responses[full]?.length, Responses[empty]?.length];
      },
    },
    '100 keys are looked up at once': {
      aws: { ids: ['1', '2'], unprocessed: [] },
      async observe(account) {
        const ids = Array.from({ length: 100 }, (_, number) => `${number + 1}`).filter((id) => !'345'.includes(id));
        const request = { ids: [...ids, 'x', 'y', 'z'] };
        const { items, unprocessed } = await getBatch(account, await fiveItems(account), request);
        return { ids: idsOf(items), unprocessed };
      },
    },
    'above a megabyte the rest comes back as unprocessed keys, which can be asked again': {
      aws: { first: 3, second: 1 },
      async observe(account) {
        const TableName = await newTable(account);
        const Keys = ['1', '2', '3', '4'].map(keyOf);
        const text = { text: { S: 'x'.repeat(390_000) } };
        for (const key of Keys) {
          await account.dynamodb.send(new PutItemCommand({ TableName, Item: { ...key, ...text } }));
        }
        const read = async (asked: KeysAndAttributes) => {
          const command = new BatchGetItemCommand({ RequestItems: { [TableName]: asked } });
          const { Responses, UnprocessedKeys } = await account.dynamodb.send(command);
          return { count: Responses?.[TableName]?.length, unprocessed: UnprocessedKeys?.[TableName] };
        };
        const { count, unprocessed } = await read({ Keys });
        return { first: count, second: unprocessed && (await read(unprocessed)).count };
      },
    },
    'the same key twice is refused': refusedBatch({ ids: ['1', '1'] }),
    'no key is refused': refusedBatch({ ids: [] }),
    'more than 100 keys are refused': refusedBatch({ ids: Array.from({ length: 101 }, (_, number) => `${number}`) }),
    'an unknown table is refused': {
      aws: 'ResourceNotFoundException 400',
      observe: (account) => outcomeOf(getBatch(account, 'no-such-table', { ids: ['1'] })),
    },
  },
};

type Scan = Omit<ScanCommandInput, 'TableName'>;

async function scanPages({ dynamodb }: Account, TableName: string, scan: Scan) {
  return pagesOf(async (start: ScanCommandInput['ExclusiveStartKey']) => {
    const page = { TableName, ...scan, ...(start && { ExclusiveStartKey: start }) };
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(new ScanCommand(page));
    return { items: Items.map((item) => unmarshall(item)), next: LastEvaluatedKey };
  });
}

/** Checks which items a scan finds on all pages together. */
const scans = (scan: Scan, aws: readonly string[]): Check => ({
  aws,
  observe: async (account) => idsOf((await scanPages(account, await fiveItems(account), scan)).flat()),
});

const blue = {
  FilterExpression: 'colour = :blue',
  ExpressionAttributeValues: marshall({ ':blue': 'blue' }),
};

export const scan: Operation = {
  name: 'DynamoDB Scan',
  checks: {
    'finds every item': scans({}, ['1', '2', '3', '4', '5']),
    'finds every item once over all pages': scans({ Limit: 2 }, ['1', '2', '3', '4', '5']),
    'a filter leaves out items that do not match': scans(blue, ['2', '4']),
    'a filter works on every page': scans({ ...blue, Limit: 1 }, ['2', '4']),
    'an index has the items with its keys alone': scans({ IndexName: table.dueIndex.name }, ['3']),
    'a limit makes pages of that size': {
      aws: [2, 2, 1],
      observe: async (account) =>
        (await scanPages(account, await fiveItems(account), { Limit: 2 })).map((items) => items.length),
    },
    'a limit of nothing is refused': {
      aws: 'ValidationException 400',
      observe: async (account) => outcomeOf(scanPages(account, await newTable(account), { Limit: 0 })),
    },
    'an unknown table is refused': {
      aws: 'ResourceNotFoundException 400',
      observe: (account) => outcomeOf(scanPages(account, 'no-such-table', {})),
    },
  },
};

export const listTables: Operation = {
  name: 'DynamoDB ListTables',
  checks: {
    'names a table that was made': {
      aws: true,
      async observe(account) {
        const name = await newTable(account);
        const pages = await pagesOf(async (start: string | undefined) => {
          const page = new ListTablesCommand(start === undefined ? {} : { ExclusiveStartTableName: start });
          const { TableNames = [], LastEvaluatedTableName } = await account.dynamodb.send(page);
          return { items: TableNames, next: LastEvaluatedTableName };
        });
        return pages.flat().includes(name);
      },
    },
  },
};
