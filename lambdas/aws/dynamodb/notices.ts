import { type DynamoDBClient, TransactionCanceledException, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { handoff, noticeValue } from '../../../contracts/agent.ts';
import type { NoticeOutcome, Notices } from '../../core/session/ports.ts';
import type { Session } from '../../core/session/session.ts';
import { toDomainError } from '../errors.ts';
import { type HandoffPlace, handoffKey } from './handoffs.ts';
import { saving } from './sessions.ts';

/** Notices as handoff items, each written together with the row: a session that has ended gets none. */
export class DynamoNotices implements Notices {
  readonly #client: DynamoDBClient;
  readonly #place: HandoffPlace;

  constructor(client: DynamoDBClient, place: HandoffPlace) {
    this.#client = client;
    this.#place = place;
  }

  async give(session: Session, text: string): Promise<NoticeOutcome> {
    const { taskArn, agent, expiresAt } = session;
    if (taskArn === undefined) throw new Error(`Session ${session.sessionId} has no task, expected one that runs.`);
    const { next, write } = saving(this.#place.table, session);
    const item = {
      ...handoffKey(this.#place, { kind: agent.kind, arn: taskArn }),
      [handoff.id]: `notice-${next.version}`,
      [handoff.values]: { [noticeValue]: text },
      [handoff.ttl]: Math.ceil(expiresAt / 1000),
    };
    // The SDK gives the request a token, so a repeated try of it is not carried out twice.
    const command = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: write },
        {
          Put: {
            TableName: this.#place.handoffTable,
            Item: marshall(item),
            ConditionExpression: 'attribute_not_exists(#pk)',
            ExpressionAttributeNames: { '#pk': handoff.key },
          },
        },
      ],
    });
    try {
      await this.#client.send(command);
      return next;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw toDomainError(error, 'give a notice');
      const [row, notice] = (error.CancellationReasons ?? []).map(({ Code }) => Code);
      if (row === 'ConditionalCheckFailed' || row === 'TransactionConflict') return 'changed';
      if (notice === 'ConditionalCheckFailed') return 'unread';
      throw toDomainError(error, 'give a notice');
    }
  }
}
