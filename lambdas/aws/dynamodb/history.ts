/** The history of sessions, newest first: of one claim by an index of its own, so that nobody reads the rows of others. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import type { HistoryPage, HistoryPosition, HistoryQuery } from '../../core/session/ports.ts';
import { type Session, shownState } from '../../core/session/session.ts';
import { pagesOf } from '../errors.ts';
import { fromItem, sessionIdIn, sessionKey } from './session-item.ts';

/** The history of everybody has one partition. A region's bastions stay far below DynamoDB's limit for a partition. */
export const historyPartition = 'session';

/** Reads one row more than a page holds, so that one query shows whether there is a next page. A state takes as many as it needs. */
export async function readHistory(
  client: DynamoDBClient,
  tableName: string,
  { claim, state, limit, after }: HistoryQuery,
): Promise<HistoryPage> {
  const index = claim === undefined ? table.historyIndex : table.claimIndex;
  const partition = { [index.partitionKey]: claim ?? historyPartition };
  const pages = paginateQuery(
    { client },
    {
      TableName: tableName,
      IndexName: index.name,
      KeyConditionExpression: '#partition = :partition',
      ExpressionAttributeNames: { '#partition': index.partitionKey },
      ExpressionAttributeValues: marshall({ ':partition': partition[index.partitionKey] }),
      ScanIndexForward: false,
      Limit: limit + 1,
      ...(after && { ExclusiveStartKey: marshall({ ...partition, ...keyOf(after, index.sortKey) }) }),
    },
  );
  const sessions: Session[] = [];
  const unreadable: HistoryPage['unreadable'][number][] = [];
  for await (const page of pagesOf(pages, 'list sessions')) {
    for (const item of page.Items ?? []) {
      let session: Session;
      try {
        session = fromItem(item);
      } catch (error) {
        unreadable.push({ sessionId: sessionIdIn(item), error });
        continue;
      }
      if (state !== undefined && shownState(session) !== state) continue;
      if (sessions.length === limit) return { sessions, unreadable, next: positionOf(sessions) };
      sessions.push(session);
    }
  }
  return { sessions, unreadable };
}

const keyOf = ({ sessionId, createdAt }: HistoryPosition, sortKey: string) => ({
  [table.key]: sessionKey(sessionId),
  [sortKey]: createdAt,
});

function positionOf(sessions: readonly Session[]): HistoryPosition {
  const last = sessions[sessions.length - 1];
  if (!last) throw new Error('A page that is full can not be empty: its limit must be at least 1.');
  return { sessionId: last.sessionId, createdAt: last.createdAt };
}
