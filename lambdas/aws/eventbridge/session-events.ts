import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { detailType, eventSource, type SessionEvent } from '../../../contracts/events.ts';
import { AwsUnavailable } from '../../core/session/errors.ts';
import type { SessionEvents } from '../../core/session/ports.ts';
import { failedTo } from '../errors.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const mostEntries = 10;

/** Events on the default bus of the account. */
export class EventBridgeSessionEvents implements SessionEvents {
  readonly #client: EventBridgeClient;

  constructor(client: EventBridgeClient) {
    this.#client = client;
  }

  /** In their order. EventBridge may take some entries of a request and refuse others. */
  async send(events: readonly SessionEvent[]): Promise<void> {
    for (let first = 0; first < events.length; first += mostEntries) {
      const command = new PutEventsCommand({
        Entries: events.slice(first, first + mostEntries).map((event) => ({
          Source: eventSource,
          DetailType: detailType(event.move),
          Detail: JSON.stringify(event),
        })),
      });
      const { FailedEntryCount = 0, Entries = [] } = await this.#client.send(command).catch(failedTo('send events'));
      const refused = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
      if (FailedEntryCount > 0)
        throw new AwsUnavailable(`EventBridge has refused ${FailedEntryCount} events: ${refused?.ErrorCode}.`, {
          mayHaveHappened: true,
        });
    }
  }
}
