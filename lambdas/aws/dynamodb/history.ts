/** The history of sessions, newest first: of one claim by an index of its own, so that nobody reads the rows of others. */
import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import type { HistoryPage, HistoryPosition, HistoryQuery } from '../../core/session/ports.ts';
import { type Session, shownState } from '../../core/session/session.ts';
import { pagesOf } from '../errors.ts';
import { fromItem, sessionIdIn, sessionKey } from './session-item.ts';

/** The history of everybody has one partition. A region's bastions stay far below DynamoDB's limit for a partition. */
export const historyPartition = 'session';

/** The rows that are not `stopped` have one partition too, in the order in which they are due. */
export const unfinishedPartition = 'live';

/** Lists sessions. For a state that ends, it reads the rows of those that have not ended, however long the history is. */
export function readHistory(client: DynamoDBClient, tableName: string, query: HistoryQuery): Promise<HistoryPage> {
  const isOfFew = query.claim === undefined && query.state !== undefined && query.state !== 'stopped';
  return isOfFew ? readUnfinished(client, tableName, query) : readNewest(client, tableName, query);
}

/** Reads one row more than a page holds, so that one query shows whether there is a next page. A state takes as many as it needs. */
async function readNewest(
  client: DynamoDBClient,
  tableName: string,
  { claim, state, limit, after }: HistoryQuery,
): Promise<HistoryPage> {
  const index = claim === undefined ? table.historyIndex : table.claimIndex;
  const partition = claim ?? historyPartition;
  const pages = paginateQuery(
    { client },
    {
      ...partitionOf(tableName, index, partition),
      ScanIndexForward: false,
      Limit: limit + 1,
      ...(after && {
        ExclusiveStartKey: marshall({ [index.partitionKey]: partition, ...keyOf(after, index.sortKey) }),
      }),
    },
  );
  const rows = new Rows(state);
  for await (const page of pagesOf(pages, listing)) {
    for (const item of page.Items ?? []) {
      rows.take(item);
      if (rows.sessions.length > limit) return pageOf(rows, limit);
    }
  }
  return pageOf(rows, limit);
}

async function readUnfinished(
  client: DynamoDBClient,
  tableName: string,
  { state, limit, after }: HistoryQuery,
): Promise<HistoryPage> {
  const rows = new Rows(state);
  const pages = paginateQuery({ client }, partitionOf(tableName, table.dueIndex, unfinishedPartition));
  for await (const page of pagesOf(pages, listing)) for (const item of page.Items ?? []) rows.take(item);
  const sessions = rows.sessions
    .toSorted((one, other) => (isOlder(other, one) ? -1 : 1))
    .filter((session) => after === undefined || isOlder(session, after));
  return pageOf({ sessions, unreadable: rows.unreadable }, limit);
}

const listing = 'list sessions';

const partitionOf = (TableName: string, index: { name: string; partitionKey: string }, partition: string) => ({
  TableName,
  IndexName: index.name,
  KeyConditionExpression: '#partition = :partition',
  ExpressionAttributeNames: { '#partition': index.partitionKey },
  ExpressionAttributeValues: marshall({ ':partition': partition }),
});

/** The sessions of a state among rows, and the rows that are none. */
class Rows {
  readonly sessions: Session[] = [];
  readonly unreadable: HistoryPage['unreadable'][number][] = [];
  readonly #state: HistoryQuery['state'];

  constructor(state: HistoryQuery['state']) {
    this.#state = state;
  }

  take(item: Record<string, AttributeValue>): void {
    try {
      const session = fromItem(item);
      if (this.#state === undefined || shownState(session) === this.#state) this.sessions.push(session);
    } catch (error) {
      this.unreadable.push({ sessionId: sessionIdIn(item), error });
    }
  }
}

/** @param sessions newest first, and one more than the page holds if there is a next page */
function pageOf({ sessions, unreadable }: HistoryPage, limit: number): HistoryPage {
  const page = sessions.slice(0, limit);
  return sessions.length > limit ? { sessions: page, unreadable, next: positionOf(page) } : { sessions, unreadable };
}

/** Whether a session comes behind another in the history. Of two of the same millisecond, the one with the smaller id does. */
const isOlder = (one: HistoryPosition, other: HistoryPosition): boolean =>
  one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.sessionId < other.sessionId);

const keyOf = ({ sessionId, createdAt }: HistoryPosition, sortKey: string) => ({
  [table.key]: sessionKey(sessionId),
  [sortKey]: createdAt,
});

function positionOf(sessions: readonly Session[]): HistoryPosition {
  const last = sessions[sessions.length - 1];
  if (!last) throw new Error('A page that is full can not be empty: its limit must be at least 1.');
  return { sessionId: last.sessionId, createdAt: last.createdAt };
}
