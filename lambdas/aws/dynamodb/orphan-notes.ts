import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { table } from '../../../contracts/stack.ts';
import type { OrphanNote, OrphanNotes } from '../../core/session/ports.ts';

const keptSeconds = 24 * 3600;

const noteItem = v.object({ firstSeenAt: v.number(), lastSeenAt: v.number() });

/** Notes about orphans in the session table, forgotten by DynamoDB a day after the last sweep that saw them. */
export class OrphanTable implements OrphanNotes {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#table = tableName;
  }

  async find(resourceId: string): Promise<OrphanNote | undefined> {
    const Key = marshall({ [table.key]: keyOf(resourceId) });
    const command = new GetItemCommand({ TableName: this.#table, Key, ConsistentRead: true });
    const { Item } = await this.#client.send(command);
    return Item && v.parse(noteItem, unmarshall(Item));
  }

  async save(resourceId: string, note: OrphanNote): Promise<void> {
    const purgeAt = Math.ceil(note.lastSeenAt / 1000) + keptSeconds;
    const Item = marshall({ [table.key]: keyOf(resourceId), ...note, [table.ttl]: purgeAt });
    await this.#client.send(new PutItemCommand({ TableName: this.#table, Item }));
  }
}

const keyOf = (resourceId: string): string => `${table.prefixes.orphan}${resourceId}`;
