import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { table } from '../../../contracts/stack.ts';
import type { OrphanNote, OrphanNotes } from '../../core/session/ports.ts';
import { failedTo } from '../errors.ts';

const keptSeconds = 24 * 3600;

const noteItem = v.object({ firstSeenAt: v.number(), lastSeenAt: v.number() });

/** Notes about orphans in the session table. DynamoDB deletes a note a day after the last sweep that wrote it. */
export class DynamoOrphanNotes implements OrphanNotes {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#table = tableName;
  }

  async find(resourceId: string): Promise<OrphanNote | undefined> {
    const Key = marshall({ [table.key]: keyOf(resourceId) });
    const command = new GetItemCommand({ TableName: this.#table, Key, ConsistentRead: true });
    const { Item } = await this.#client.send(command).catch(failedTo('read the note of an orphan'));
    return Item && v.parse(noteItem, unmarshall(Item));
  }

  async save(resourceId: string, note: OrphanNote): Promise<void> {
    const purgeAt = Math.ceil(note.lastSeenAt / 1000) + keptSeconds;
    const Item = marshall({ [table.key]: keyOf(resourceId), ...note, [table.ttl]: purgeAt });
    const command = new PutItemCommand({ TableName: this.#table, Item });
    await this.#client.send(command).catch(failedTo('note an orphan'));
  }
}

const keyOf = (resourceId: string): string => `${table.prefixes.orphan}${resourceId}`;
