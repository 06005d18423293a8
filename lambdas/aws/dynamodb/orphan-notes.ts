import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { table } from '../../../contracts/stack.ts';
import type { OrphanNote, OrphanNotes } from '../../core/session/ports.ts';
import { failedTo } from '../errors.ts';

const keptSeconds = 24 * 3600;

/** No resource has this id. */
const positionId = 'position';
const positionItem = v.object({ after: v.string() });

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
    const item = await this.#read(resourceId);
    return item && v.parse(noteItem, item);
  }

  async save(resourceId: string, note: OrphanNote): Promise<void> {
    await this.#write(resourceId, { ...note, [table.ttl]: Math.ceil(note.lastSeenAt / 1000) + keptSeconds });
  }

  async position(): Promise<string | undefined> {
    const item = await this.#read(positionId);
    return item && (v.parse(positionItem, item).after || undefined);
  }

  /** An empty position stands for none, because a sweeper may not delete. */
  async savePosition(resourceId = ''): Promise<void> {
    await this.#write(positionId, { after: resourceId });
  }

  async #read(id: string): Promise<Record<string, unknown> | undefined> {
    const Key = marshall({ [table.key]: keyOf(id) });
    const command = new GetItemCommand({ TableName: this.#table, Key, ConsistentRead: true });
    const { Item } = await this.#client.send(command).catch(failedTo('read the note of an orphan'));
    return Item && unmarshall(Item);
  }

  async #write(id: string, attributes: Readonly<Record<string, unknown>>): Promise<void> {
    const Item = marshall({ [table.key]: keyOf(id), ...attributes });
    const command = new PutItemCommand({ TableName: this.#table, Item });
    await this.#client.send(command).catch(failedTo('note an orphan'));
  }
}

const keyOf = (resourceId: string): string => `${table.prefixes.orphan}${resourceId}`;
