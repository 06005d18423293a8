import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { table } from '../../../contracts/stack.ts';
import {
  isRoleFull,
  type Place,
  type PlaceGroup,
  type PlaceLimits,
  roleLimitOf,
  type Taking,
} from '../../core/session/place.ts';
import type { Holder, Places } from '../../core/session/ports.ts';
import { failedTo, unlessCondition } from '../errors.ts';

const holders = v.set(v.string());
const rolePrefix = 'role#';

/**
 * The places of a group as one item: a set of session ids, and such a set for each role. A conditional write of that item takes a
 * place, so that the limits are exact, whatever happens at the same time.
 */
export class DynamoPlaces implements Places {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#table = tableName;
  }

  async take(place: Place, sessionId: string, limits: PlaceLimits): Promise<Taking> {
    const roleLimit = roleLimitOf(place, limits);
    // A bastion of the pool holds a place in the set of all before it gets one in its owner's role.
    const room = 'attribute_not_exists(#all) OR size(#all) < :most OR contains(#all, :id)';
    const roleRoom = 'attribute_not_exists(#role) OR size(#role) < :mostPerRole OR contains(#role, :id)';
    const command = new UpdateItemCommand({
      ...this.#item(place.group),
      UpdateExpression: `ADD ${sets(place)}`,
      ConditionExpression: roleLimit === undefined ? room : `(${room}) AND (${roleRoom})`,
      ExpressionAttributeNames: namesOf(place),
      ExpressionAttributeValues: marshall({
        ':ids': new Set([sessionId]),
        ':id': sessionId,
        ':most': limits.most,
        ...(roleLimit !== undefined && { ':mostPerRole': roleLimit }),
      }),
    });
    if (await unlessCondition(this.#client.send(command), 'take a place')) return 'taken';
    if (roleLimit === undefined) return 'full';
    return isRoleFull(await this.holders(place.group), place, roleLimit) ? 'role-full' : 'full';
  }

  async release(place: Place, sessionId: string): Promise<void> {
    await this.releaseAll(place, [sessionId]);
  }

  /** Releases the same place of several sessions. */
  protected async releaseAll(place: Place, sessionIds: readonly string[]): Promise<void> {
    const command = new UpdateItemCommand({
      ...this.#item(place.group),
      UpdateExpression: `DELETE ${sets(place)}`,
      ExpressionAttributeNames: namesOf(place),
      ExpressionAttributeValues: marshall({ ':ids': new Set(sessionIds) }),
    });
    await this.#client.send(command).catch(failedTo('release a place'));
  }

  async holders(group: PlaceGroup): Promise<readonly Holder[]> {
    const command = new GetItemCommand({ ...this.#item(group), ConsistentRead: true });
    const { Item = {} } = await this.#client.send(command).catch(failedTo('read the places'));
    const { [table.key]: _, ...attributes } = unmarshall(Item);
    const places = new Map<string, Place>();
    for (const [name, value] of Object.entries(attributes).toSorted()) {
      const place = { group, ...(name.startsWith(rolePrefix) && { role: name.slice(rolePrefix.length) }) };
      for (const sessionId of v.parse(holders, value)) places.set(sessionId, place);
    }
    return [...places].map(([sessionId, place]) => ({ sessionId, place }));
  }

  #item(group: PlaceGroup) {
    return { TableName: this.#table, Key: marshall({ [table.key]: `${table.prefixes.places}${group}` }) };
  }
}

/** The sets that a holder of this place is in. */
const sets = ({ role }: Place): string => (role === undefined ? '#all :ids' : '#all :ids, #role :ids');

const namesOf = ({ role }: Place): Record<string, string> => ({
  '#all': 'holders',
  ...(role !== undefined && { '#role': `${rolePrefix}${role}` }),
});
