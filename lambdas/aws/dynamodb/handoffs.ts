import { BatchGetItemCommand, DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { handoff } from '../../../contracts/agent.ts';
import { table } from '../../../contracts/stack.ts';
import type { HandoffItem, HandoffLook, Handoffs, HandoffTask, WrittenHandoff } from '../../core/session/ports.ts';
import { isAccepted, type Session } from '../../core/session/session.ts';
import { failedTo, unlessCondition } from '../errors.ts';
import { fromItem, sessionKey } from './session-item.ts';

export interface HandoffPlace {
  /** Name of the table of sessions. */
  readonly table: string;
  readonly handoffTable: string;
  /** Unique id of the role of `ssh` tasks, in the functions that work for people. */
  readonly sshRoleId?: string;
  /** Unique id of the role of webhooks' tasks, in the functions that work for webhooks. */
  readonly targetRoleId?: string;
}

/**
 * Handoffs as items whose key is the identity that the task's own credentials carry, `<role id>:<task id>`: the task role's
 * policy names that variable (`aws:userid`), and so each task can read its own item and no other.
 */
export class DynamoHandoffs implements Handoffs {
  readonly #client: DynamoDBClient;
  readonly #place: HandoffPlace;

  constructor(client: DynamoDBClient, place: HandoffPlace) {
    this.#client = client;
    this.#place = place;
  }

  async put(task: HandoffTask, { id, values, until }: HandoffItem): Promise<WrittenHandoff> {
    const item = {
      ...handoffKey(this.#place, task),
      [handoff.id]: id,
      [handoff.values]: values,
      [handoff.ttl]: Math.ceil(until / 1000),
    };
    const command = new PutItemCommand({
      TableName: this.#place.handoffTable,
      Item: marshall(item),
      ConditionExpression: 'attribute_not_exists(#pk) OR #id = :id',
      ExpressionAttributeNames: { '#pk': handoff.key, '#id': handoff.id },
      ExpressionAttributeValues: marshall({ ':id': id }),
    });
    let attempts: number | undefined;
    const write = this.#client.send(command).then(({ $metadata }) => {
      attempts = $metadata.attempts;
    });
    const isWritten = await unlessCondition(write, 'write a handoff');
    return { isWritten, mayReappear: attempts !== 1 };
  }

  /** What DynamoDB leaves unprocessed counts as unknown. */
  async look({ sessionId, agent }: Session, taskArn: string): Promise<HandoffLook> {
    const { table: sessions, handoffTable } = this.#place;
    const command = new BatchGetItemCommand({
      RequestItems: {
        [sessions]: { Keys: [marshall({ [table.key]: sessionKey(sessionId) })], ConsistentRead: true },
        // The key alone: the policy of a function that waits excludes every other attribute.
        [handoffTable]: {
          Keys: [marshall(handoffKey(this.#place, { kind: agent.kind, arn: taskArn }))],
          ProjectionExpression: handoff.key,
          ConsistentRead: true,
        },
      },
    });
    const { Responses = {}, UnprocessedKeys = {} } = await this.#client
      .send(command)
      .catch(failedTo('look at a start'));
    const [item] = Responses[sessions] ?? [];
    const row = item && fromItem(item);
    const isAbsent = (Responses[handoffTable] ?? []).length === 0 && UnprocessedKeys[handoffTable] === undefined;
    return { row, isTaken: isAbsent && row !== undefined && isAccepted(row) && row.taskArn === taskArn };
  }

  async remove(task: HandoffTask): Promise<void> {
    const command = new DeleteItemCommand({
      TableName: this.#place.handoffTable,
      Key: marshall(handoffKey(this.#place, task)),
    });
    await this.#client.send(command).catch(failedTo('delete a handoff'));
  }
}

/** The key of a task's item. Throws in a function that has no part in tasks of this kind. */
export function handoffKey(
  { sshRoleId, targetRoleId }: HandoffPlace,
  { kind, arn }: HandoffTask,
): Record<string, string> {
  const roleId = kind === 'ssh' ? sshRoleId : targetRoleId;
  if (roleId === undefined)
    throw new Error(`This function knows no role of ${kind} tasks, and so has no part in them.`);
  return { [handoff.key]: `${roleId}:${arn.split('/').at(-1)}` };
}
