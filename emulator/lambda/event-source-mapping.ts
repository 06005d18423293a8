import type { Context } from '../context.ts';
import type { StreamRecord, TableStream } from '../dynamodb/stream.ts';
import { type EventPattern, matchesPattern, parsePattern } from '../events/pattern.ts';
import type { Lambda } from './lambda.ts';

/** A mapping by which Lambda reads the stream of a table and invokes a function with its records. */
export interface EventSourceMapping {
  readonly name: string;
  readonly streamArn: string;
  /** The function's name or ARN. */
  readonly functionName: string;
  /** The most records of one invocation. Default 100. */
  readonly batchSize?: number;
  /** The patterns of the records that the function gets. Default: all. */
  readonly patterns?: readonly unknown[];
}

export interface EventSourceMappings {
  /** Makes a mapping exist. It reads from the next change on. Throws if the stream, the function or a pattern is not known. */
  putMapping(mapping: EventSourceMapping): void;
}

const dayMs = 24 * 60 * 60_000;
const longestPauseMs = 60_000;

/**
 * Makes the event source mappings of an account. A stream has one shard here, so its records arrive in their order. Lambda invokes
 * the function again with a batch that it has failed, until the records are a day old.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export function createEventSourceMappings(
  context: Context,
  lambda: Lambda,
  streamOf: (streamArn: string) => TableStream | undefined,
): EventSourceMappings {
  const { clock } = context;

  /** Returns false if the function has failed, or if the delivery was lost on its way. */
  async function deliver(functionName: string, records: readonly StreamRecord[]): Promise<boolean> {
    const event = { Records: records };
    let isDone = false;
    const call = {
      kind: 'delivery',
      service: 'lambda',
      action: 'DeliverRecords',
      input: { functionName, event },
    } as const;
    await context.intercept({ ...call, at: clock.now() }, async () => {
      const { functionError } = await lambda.invoke(functionName, event);
      if (functionError === undefined) isDone = true;
    });
    return isDone;
  }

  return {
    putMapping({ name, streamArn, functionName, batchSize = 100, patterns = [] }) {
      const stream = streamOf(streamArn);
      if (stream === undefined) throw new Error(`Mapping ${name} reads ${streamArn}, expected the stream of a table.`);
      if (!lambda.hasFunction(functionName))
        throw new Error(`Mapping ${name} has the target ${functionName}, expected a registered function.`);
      const filters: readonly EventPattern[] = patterns.map((pattern) => parsePattern(name, pattern));
      const waiting: { readonly record: StreamRecord; readonly at: number }[] = [];
      let isReading = false;

      async function read(): Promise<void> {
        for (let failures = 0; waiting.length > 0; ) {
          while ((waiting[0]?.at ?? Infinity) + dayMs < clock.now()) waiting.shift();
          const batch = waiting.slice(0, batchSize);
          if (
            batch.length > 0 &&
            (await deliver(
              functionName,
              batch.map(({ record }) => record),
            ))
          ) {
            waiting.splice(0, batch.length);
            failures = 0;
          } else {
            await clock.sleep(Math.min(1000 * 2 ** failures++, longestPauseMs));
          }
        }
        isReading = false;
      }

      stream.read((record) => {
        if (filters.length > 0 && !filters.some((filter) => matchesPattern(filter, record))) return;
        waiting.push({ record, at: clock.now() });
        if (isReading) return;
        isReading = true;
        clock.after(context.delays.streamMs, () => void read());
      });
    },
  };
}
