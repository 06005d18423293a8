import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { table } from '../../../contracts/stack.ts';
import type { Places } from '../../core/session/ports.ts';
import type { PlaceGroup } from '../../core/session/session.ts';
import { failedTo, unlessCondition } from '../errors.ts';

const placesItem = v.object({ holders: v.optional(v.set(v.string()), new Set<string>()) });

/**
 * The places of a group as a set of session ids in one item. A conditional write of that item takes a place, so that the limit is
 * exact, whatever happens at the same time.
 */
export class DynamoPlaces implements Places {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#table = tableName;
  }

  async take(group: PlaceGroup, sessionId: string, most: number): Promise<boolean> {
    const command = new UpdateItemCommand({
      ...this.#item(group),
      UpdateExpression: 'ADD #holders :ids',
      ConditionExpression: 'attribute_not_exists(#holders) OR size(#holders) < :most OR contains(#holders, :id)',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: marshall({ ':ids': new Set([sessionId]), ':id': sessionId, ':most': most }),
    });
    return unlessCondition(this.#client.send(command), 'take a place');
  }

  async release(group: PlaceGroup, sessionId: string): Promise<void> {
    const command = new UpdateItemCommand({
      ...this.#item(group),
      UpdateExpression: 'DELETE #holders :ids',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: marshall({ ':ids': new Set([sessionId]) }),
    });
    await this.#client.send(command).catch(failedTo('release a place'));
  }

  async holders(group: PlaceGroup): Promise<readonly string[]> {
    const command = new GetItemCommand({ ...this.#item(group), ConsistentRead: true });
    const { Item } = await this.#client.send(command).catch(failedTo('read the places'));
    return Item ? [...v.parse(placesItem, unmarshall(Item)).holders] : [];
  }

  #item(group: PlaceGroup) {
    return { TableName: this.#table, Key: marshall({ [table.key]: `${table.prefixes.places}${group}` }) };
  }
}

const names = { '#holders': 'holders' };
