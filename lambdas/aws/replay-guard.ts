import { createHash } from 'node:crypto';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Replays } from '../core/ports.ts';
import type { Instant } from '../core/session.ts';
import { table } from '../names.ts';
import { unlessCondition } from './aws-errors.ts';

/** Signatures that have been used, remembered in the session table for as long as they would be accepted. */
export class ReplayGuard implements Replays {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#table = tableName;
  }

  async isFirstUse(signature: string, until: Instant): Promise<boolean> {
    const name = createHash('sha256').update(signature.toLowerCase()).digest('hex');
    const command = new PutItemCommand({
      TableName: this.#table,
      Item: marshall({ [table.key]: `${table.prefixes.signature}${name}`, [table.ttl]: Math.ceil(until / 1000) }),
      ConditionExpression: 'attribute_not_exists(#pk)',
      ExpressionAttributeNames: { '#pk': table.key },
    });
    return unlessCondition(this.#client.send(command));
  }
}
