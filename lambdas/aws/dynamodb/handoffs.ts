import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { handoff } from '../../../contracts/agent.ts';
import type { Handoffs } from '../../core/session/ports.ts';
import type { Instant } from '../../core/session/session.ts';
import { failedTo } from '../errors.ts';

/**
 * Handoffs as items whose key is the identity that the task's own credentials carry, `<role id>:<task id>`: the task role's
 * policy names that variable (`aws:userid`), and so each task can read its own item and no other.
 */
export class DynamoHandoffs implements Handoffs {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #roleId: string;

  constructor(client: DynamoDBClient, tableName: string, roleId: string) {
    this.#client = client;
    this.#table = tableName;
    this.#roleId = roleId;
  }

  async put(taskArn: string, variables: Readonly<Record<string, string>>, until: Instant): Promise<void> {
    const item = { ...this.#key(taskArn), [handoff.values]: variables, [handoff.ttl]: Math.ceil(until / 1000) };
    const command = new PutItemCommand({ TableName: this.#table, Item: marshall(item) });
    await this.#client.send(command).catch(failedTo('hand an activation over'));
  }

  async remove(taskArn: string): Promise<void> {
    const command = new DeleteItemCommand({ TableName: this.#table, Key: marshall(this.#key(taskArn)) });
    await this.#client.send(command).catch(failedTo('delete an activation'));
  }

  #key(taskArn: string): Record<string, string> {
    return { [handoff.key]: `${this.#roleId}:${taskArn.split('/').at(-1)}` };
  }
}
