import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import type { Clock } from '../../core/session/ports.ts';
import type { Session } from '../../core/session/session.ts';
import { Batcher } from '../batcher.ts';
import { failedTo } from '../errors.ts';
import { fromItem, sessionKey } from './session-item.ts';
import { DynamoSessions } from './sessions.ts';

type Item = Record<string, AttributeValue>;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const mostKeys = 100;

const reading = 'read the sessions';

/** Sessions for a pass that looks at many of them: the rows that it reads at the same time come in one call. */
export class BatchedSessions extends DynamoSessions {
  readonly #rows: Batcher<Item | null>;

  constructor(client: DynamoDBClient, tableName: string, clock: Clock) {
    super(client, tableName);
    const callForAll = (keys: readonly string[]) => readAll(client, tableName, keys);
    this.#rows = new Batcher({ most: mostKeys, callForAll, action: reading, clock });
  }

  override async find(sessionId: string): Promise<Session | undefined> {
    const item = await this.#rows.ask(sessionKey(sessionId));
    return item === null ? undefined : fromItem(item);
  }
}

/** What DynamoDB leaves unprocessed is not in the answer. */
async function readAll(
  client: DynamoDBClient,
  tableName: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Item | null>> {
  const Keys = keys.map((key) => marshall({ [table.key]: key }));
  const command = new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys, ConsistentRead: true } } });
  const { Responses = {}, UnprocessedKeys = {} } = await client.send(command).catch(failedTo(reading));
  const unprocessedKeys = new Set(UnprocessedKeys[tableName]?.Keys?.map(keyOf));
  const itemByKey = new Map(Responses[tableName]?.map((item) => [keyOf(item), item]));
  return new Map(keys.flatMap((key) => (unprocessedKeys.has(key) ? [] : [[key, itemByKey.get(key) ?? null]])));
}

const keyOf = (item: Item): string | undefined => item[table.key]?.S;
