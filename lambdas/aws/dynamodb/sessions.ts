/** Sessions and claims as DynamoDB items. Every write is a conditional write of a single item. */
import { isDeepStrictEqual } from 'node:util';
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import type { HistoryPage, HistoryQuery, SessionStore } from '../../core/session/ports.ts';
import type { Instant, Session } from '../../core/session/session.ts';
import { attemptsOf, failedTo, pagesOf, unlessCondition } from '../errors.ts';
import { historyPartition, readHistory, unfinishedPartition } from './history.ts';
import { claimKey, fromItem, sessionIdIn, sessionKey, toItem } from './session-item.ts';

type Query = Omit<QueryCommandInput, 'TableName'>;

interface Condition {
  readonly condition: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

const writing = 'write a session';

export class DynamoSessions implements SessionStore {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#table = tableName;
  }

  async create(session: Session): Promise<void> {
    // The id is random, so a row of version 0 is our own: a try whose answer was lost has written it.
    await this.#put(rowItem(session), {
      condition: 'attribute_not_exists(#pk) OR #version = :version',
      names: { '#pk': table.key, '#version': 'version' },
      values: { ':version': session.version },
    }).catch(failedTo(writing));
  }

  async find(sessionId: string): Promise<Session | undefined> {
    const item = await this.#get(sessionKey(sessionId));
    return item && fromItem(item);
  }

  async save(session: Session): Promise<Session | undefined> {
    const { next, write } = saving(this.#table, session);
    let attempts = 1;
    const written = this.#client.send(new PutItemCommand(write)).catch((error: unknown) => {
      attempts = attemptsOf(error);
      throw error;
    });
    if (await unlessCondition(written, writing)) return next;
    // The first of several tries may have written the row, and its answer was lost.
    const isOurs = attempts > 1 && isDeepStrictEqual(await this.find(session.sessionId), fromItem(write.Item));
    return isOurs ? next : undefined;
  }

  async remove(sessionId: string): Promise<void> {
    const command = new DeleteItemCommand({ TableName: this.#table, Key: key(sessionKey(sessionId)) });
    await this.#client.send(command).catch(failedTo('delete a session'));
  }

  async claimHolder(claim: string): Promise<string | undefined> {
    const item = await this.#get(claimKey(claim));
    return item && sessionIdIn(item);
  }

  async takeClaim(session: Session, previousHolderId = session.sessionId): Promise<boolean> {
    const write = this.#put(marshall({ [table.key]: claimKey(session.claim), sessionId: session.sessionId }), {
      condition: 'attribute_not_exists(#pk) OR #holder IN (:self, :previous)',
      names: { '#pk': table.key, '#holder': 'sessionId' },
      values: { ':self': session.sessionId, ':previous': previousHolderId },
    });
    return unlessCondition(write, 'take a claim');
  }

  async releaseClaim(session: Session): Promise<void> {
    const command = new DeleteItemCommand({
      TableName: this.#table,
      Key: key(claimKey(session.claim)),
      ConditionExpression: '#holder = :self',
      ExpressionAttributeNames: { '#holder': 'sessionId' },
      ExpressionAttributeValues: marshall({ ':self': session.sessionId }),
    });
    await unlessCondition(this.#client.send(command), 'release a claim');
  }

  due(now: Instant): AsyncIterable<string> {
    const { sortKey } = table.dueIndex;
    return this.#unfinishedIds({
      condition: ' AND #reapAt <= :now',
      names: { '#reapAt': sortKey },
      values: { ':now': now },
    });
  }

  unfinished(): AsyncIterable<string> {
    return this.#unfinishedIds({ condition: '', names: {}, values: {} });
  }

  history(query: HistoryQuery): Promise<HistoryPage> {
    return readHistory(this.#client, this.#table, query);
  }

  async *#unfinishedIds({ condition, names, values }: Condition): AsyncIterable<string> {
    const query: Query = {
      IndexName: table.dueIndex.name,
      KeyConditionExpression: `#partition = :live${condition}`,
      ExpressionAttributeNames: { '#partition': table.dueIndex.partitionKey, ...names },
      ExpressionAttributeValues: marshall({ ':live': unfinishedPartition, ...values }),
    };
    for await (const page of this.#pages(query)) {
      // The id alone, so that one unreadable row does not keep the others from being read.
      for (const item of page.Items ?? []) yield sessionIdIn(item);
    }
  }

  #pages(query: Query) {
    return pagesOf(paginateQuery({ client: this.#client }, { TableName: this.#table, ...query }), 'list sessions');
  }

  async #get(pk: string): Promise<Record<string, AttributeValue> | undefined> {
    const command = new GetItemCommand({ TableName: this.#table, Key: key(pk), ConsistentRead: true });
    return (await this.#client.send(command).catch(failedTo('read a session'))).Item;
  }

  async #put(item: Record<string, AttributeValue>, when: Condition): Promise<void> {
    await this.#client.send(new PutItemCommand(putting(this.#table, item, when)));
  }
}

/** The row of the next version, and the write of it unless the row has changed since `session.version`. */
export function saving(tableName: string, session: Session) {
  const next = { ...session, version: session.version + 1 };
  const write = putting(tableName, rowItem(next), {
    condition: '#version = :seen',
    names: { '#version': 'version' },
    values: { ':seen': session.version },
  });
  return { next, write };
}

function rowItem(session: Session): Record<string, AttributeValue> {
  const item = {
    ...toItem(session),
    [table.historyIndex.partitionKey]: historyPartition,
    // Sparse: a stopped row has no reapAt, and leaves the index with this attribute too.
    ...(session.reapAt !== undefined && { [table.dueIndex.partitionKey]: unfinishedPartition }),
  };
  return marshall(item, { removeUndefinedValues: true });
}

const putting = (TableName: string, Item: Record<string, AttributeValue>, when: Condition) => ({
  TableName,
  Item,
  ConditionExpression: when.condition,
  ExpressionAttributeNames: when.names,
  ExpressionAttributeValues: marshall(when.values),
});

const key = (pk: string) => marshall({ [table.key]: pk });
