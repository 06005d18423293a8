import { isDeepStrictEqual } from 'node:util';
import { arn, type Context } from '../context.ts';
import { attributesOf, type KeySchema } from './keys.ts';
import type { Item } from './values.ts';

/** A change of one item, as a record for Lambda. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly OldImage?: Item;
    readonly NewImage?: Item;
    readonly SequenceNumber: string;
    readonly StreamViewType: 'NEW_AND_OLD_IMAGES';
  };
}

/** The label of every stream here. AWS's is the moment at which the stream was enabled. */
export const streamLabel = '2026-01-01T00:00:00.000';

/** The changes of a table's items, with both images, in their order. */
export class TableStream {
  readonly arn: string;
  readonly #context: Context;
  readonly #readers: ((record: StreamRecord) => void)[] = [];
  #changes = 0;

  constructor(context: Context, tableName: string) {
    this.#context = context;
    this.arn = arn(context, 'dynamodb', `table/${tableName}/stream/${streamLabel}`);
  }

  /** Passes every later change on. */
  read(reader: (record: StreamRecord) => void): void {
    this.#readers.push(reader);
  }

  /** Notes a write. One that changes nothing makes no record. */
  note(schema: KeySchema, before: Item | undefined, after: Item | undefined): void {
    if (this.#readers.length === 0) return;
    const item = after ?? before;
    if (item === undefined || isDeepStrictEqual(before, after)) return;
    const SequenceNumber = String(++this.#changes).padStart(21, '0');
    const names = attributesOf(schema).map(({ name }) => name);
    const record: StreamRecord = {
      eventID: SequenceNumber,
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.#context.region,
      eventSourceARN: this.arn,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(this.#context.clock.now() / 1000),
        Keys: Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name))),
        ...(before !== undefined && { OldImage: before }),
        ...(after !== undefined && { NewImage: after }),
        SequenceNumber,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    };
    for (const reader of this.#readers) reader(record);
  }
}
