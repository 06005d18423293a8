import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Place } from '../../core/session/place.ts';
import type { Clock } from '../../core/session/ports.ts';
import { Batcher } from '../batcher.ts';
import { DynamoPlaces } from './places.ts';

/** More than one pass looks at side by side. Their ids are a few kilobytes, and a request may have 1 MB. */
const mostIds = 100;

/**
 * Places for a pass that ends many sessions: those that it releases at the same time go in one write. Each write costs by the size of
 * the whole group.
 */
export class BatchedPlaces extends DynamoPlaces {
  readonly #clock: Clock;
  readonly #releases = new Map<string, Batcher<true>>();

  constructor(client: DynamoDBClient, tableName: string, clock: Clock) {
    super(client, tableName);
    this.#clock = clock;
  }

  override async release(place: Place, sessionId: string): Promise<void> {
    const name = JSON.stringify([place.group, place.role]);
    const batcher = this.#releases.get(name) ?? this.#batcherOf(place);
    this.#releases.set(name, batcher);
    await batcher.ask(sessionId);
  }

  #batcherOf(place: Place): Batcher<true> {
    const callForAll = async (ids: readonly string[]) => {
      await this.releaseAll(place, ids);
      return new Map(ids.map((id) => [id, true as const]));
    };
    return new Batcher({ most: mostIds, callForAll, action: 'release places', clock: this.#clock });
  }
}
