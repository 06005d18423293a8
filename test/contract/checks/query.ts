import { PutItemCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import type { Account } from '../account.ts';
import { type Check, type Operation, outcomeOf, pagesOf } from '../check.ts';
import { newTable } from '../table.ts';

type Query = Omit<QueryCommandInput, 'TableName'>;

const { dueIndex, historyIndex, claimIndex } = table;

/** Makes five sessions, `1` to `5`, created and due in that order. Sessions `2` and `4` are no longer live. */
async function fiveSessions(account: Account): Promise<string> {
  const TableName = await newTable(account);
  for (const number of [3, 1, 5, 2, 4]) {
    const live = number % 2 === 0 ? {} : { [dueIndex.partitionKey]: 'live', [dueIndex.sortKey]: number * 1000 };
    const state = number === 1 ? 'stopping' : 'running';
    const created = { [historyIndex.partitionKey]: 'session', [historyIndex.sortKey]: number * 100 };
    const claim = number < 4 ? 'user#ann' : 'user#bob';
    const Item = marshall({ [table.key]: String(number), state, claim, ...created, ...live });
    await account.dynamodb.send(new PutItemCommand({ TableName, Item }));
  }
  return TableName;
}

const due = (now: number): Query => ({
  IndexName: dueIndex.name,
  KeyConditionExpression: '#partition = :live AND #reapAt <= :now',
  ExpressionAttributeNames: { '#partition': dueIndex.partitionKey, '#reapAt': dueIndex.sortKey },
  ExpressionAttributeValues: marshall({ ':live': 'live', ':now': now }),
});

const history: Query = {
  IndexName: historyIndex.name,
  KeyConditionExpression: '#partition = :session',
  ExpressionAttributeNames: { '#partition': historyIndex.partitionKey },
  ExpressionAttributeValues: marshall({ ':session': 'session' }),
  ScanIndexForward: false,
};

const liveByState: Query = {
  IndexName: dueIndex.name,
  KeyConditionExpression: '#partition = :live',
  FilterExpression: '#state IN (:starting, :running)',
  ExpressionAttributeNames: { '#partition': dueIndex.partitionKey, '#state': 'state' },
  ExpressionAttributeValues: marshall({ ':live': 'live', ':starting': 'starting', ':running': 'running' }),
};

/** Returns the pages of a query, each as its sessions. */
async function pages({ dynamodb }: Account, TableName: string, query: Query): Promise<readonly (readonly unknown[])[]> {
  return pagesOf(async (start: QueryCommandInput['ExclusiveStartKey']) => {
    const page = { TableName, ...query, ...(start && { ExclusiveStartKey: start }) };
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(new QueryCommand(page));
    return { items: Items.map((item) => unmarshall(item)[table.key]), next: LastEvaluatedKey };
  });
}

const finds = (query: Query, ...aws: readonly (readonly string[])[]): Check => ({
  aws,
  observe: async (account) => pages(account, await fiveSessions(account), query),
});

const refused = (query: Query): Check => ({
  aws: 'ValidationException 400',
  observe: async (account) => outcomeOf(pages(account, await fiveSessions(account), query)),
});

export const query: Operation = {
  name: 'DynamoDB Query',
  checks: {
    'live sessions that are due come by time': finds(due(9000), ['1', '3', '5']),
    'a session that is due later is left out': finds(due(3000), ['1', '3']),
    'a session that is due one millisecond later is left out': finds(due(2999), ['1']),
    'the history starts with the newest': finds(history, ['5', '4', '3', '2', '1']),
    'the history continues after a session': finds(
      {
        ...history,
        ExclusiveStartKey: marshall({
          [table.key]: '3',
          [historyIndex.partitionKey]: 'session',
          [historyIndex.sortKey]: 300,
        }),
      },
      ['2', '1'],
    ),
    'the history of a claim has its sessions alone': finds(
      {
        ...history,
        IndexName: claimIndex.name,
        ExpressionAttributeNames: { '#partition': claimIndex.partitionKey },
        ExpressionAttributeValues: marshall({ ':session': 'user#ann' }),
      },
      ['3', '2', '1'],
    ),
    'a filter leaves out items that do not match': finds(liveByState, ['3', '5']),
    'a limit makes pages, and a full last page is followed by an empty one': finds(
      { ...due(9000), Limit: 1 },
      ['1'],
      ['3'],
      ['5'],
      [],
    ),
    'a limit counts items before the filter': finds({ ...liveByState, Limit: 2 }, ['3'], ['5']),
    'a count returns numbers and no items': {
      aws: { Count: 2, ScannedCount: 3, items: undefined },
      async observe(account) {
        const TableName = await fiveSessions(account);
        const command = new QueryCommand({ TableName, ...liveByState, Select: 'COUNT' });
        const { Count, ScannedCount, Items } = await account.dynamodb.send(command);
        return { Count, ScannedCount, items: Items };
      },
    },
    'an item leaves the index with its attribute': {
      aws: [['3', '5']],
      async observe(account) {
        const TableName = await fiveSessions(account);
        await account.dynamodb.send(new PutItemCommand({ TableName, Item: marshall({ [table.key]: '1' }) }));
        return pages(account, TableName, due(9000));
      },
    },
    'a consistent read of an index is refused': refused({ ...due(9000), ConsistentRead: true }),
    'an unknown index is refused': refused({ ...due(9000), IndexName: 'none' }),
    'a condition without the partition key is refused': refused({
      ...due(9000),
      KeyConditionExpression: '#reapAt <= :now',
      ExpressionAttributeNames: { '#reapAt': dueIndex.sortKey },
      ExpressionAttributeValues: marshall({ ':now': 9000 }),
    }),
    'a name that is not used is refused': refused({
      ...history,
      ExpressionAttributeNames: { ...history.ExpressionAttributeNames, '#idle': 'idle' },
    }),
    'an unknown table is refused': {
      aws: 'ResourceNotFoundException 400',
      observe: (account) => outcomeOf(pages(account, 'no-such-table', history)),
    },
  },
};
