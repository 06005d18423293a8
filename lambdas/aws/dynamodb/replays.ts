import { createHash } from 'node:crypto';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../../contracts/stack.ts';
import type { Ids, Replays } from '../../core/session/ports.ts';
import type { Instant } from '../../core/session/session.ts';
import { unlessCondition } from '../errors.ts';

/** Used signatures, noted in the session table for as long as they are valid. */
export class DynamoReplays implements Replays {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #ids: Ids;

  constructor(client: DynamoDBClient, tableName: string, ids: Ids) {
    this.#client = client;
    this.#table = tableName;
    this.#ids = ids;
  }

  async isFirstUse(signature: string, until: Instant): Promise<boolean> {
    const name = createHash('sha256').update(signature.toLowerCase()).digest('hex');
    const use = this.#ids.next();
    const command = new PutItemCommand({
      TableName: this.#table,
      Item: marshall({ [table.key]: `${table.prefixes.signature}${name}`, use, [table.ttl]: Math.ceil(until / 1000) }),
      // Our own use stands there after a try whose answer was lost.
      ConditionExpression: 'attribute_not_exists(#pk) OR #use = :use',
      ExpressionAttributeNames: { '#pk': table.key, '#use': 'use' },
      ExpressionAttributeValues: marshall({ ':use': use }),
    });
    return unlessCondition(this.#client.send(command), 'note a signature');
  }
}
