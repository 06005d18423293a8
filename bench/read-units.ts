/**
 * The read units that DynamoDB charges for a call, from what the call returns.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
import * as v from 'valibot';
import { parseItem, sizeOf } from '../emulator/dynamodb/values.ts';
import type { Call } from '../emulator/wire.ts';

const unitBytes = 4096;
const units = (bytes: number, isConsistent = false): number =>
  Math.max(1, Math.ceil(bytes / unitBytes)) * (isConsistent ? 1 : 0.5);

const item = v.pipe(
  v.unknown(),
  v.transform((input) => parseItem(input)),
);
const consistency = { ConsistentRead: v.optional(v.boolean()) };

const getInput = v.object(consistency);
const getOutput = v.optional(v.object({ Item: v.optional(item) }), {});
/** What a filter leaves out was read, and is not in the answer. */
const queryInput = v.looseObject({
  ...consistency,
  ProjectionExpression: v.optional(v.undefined()),
  FilterExpression: v.optional(v.undefined()),
  Select: v.optional(v.undefined()),
});
const queryOutput = v.object({ Items: v.array(item) });
const batchInput = v.object({
  RequestItems: v.record(v.string(), v.object({ ...consistency, Keys: v.array(v.unknown()) })),
});
const batchOutput = v.object({
  Responses: v.record(v.string(), v.array(item)),
  UnprocessedKeys: v.optional(v.record(v.string(), v.object({ Keys: v.array(v.unknown()) })), {}),
});

type Read = Pick<Call, 'service' | 'action' | 'input'>;

/**
 * Returns the same read of items, but of whole items: DynamoDB charges for those, also when a projection asks for a part of them.
 * Returns the call itself where it asks for whole items, or is no such read.
 */
export function ofWholeItems(call: Read): Read {
  if (call.service !== 'dynamodb' || !(call.action in projected)) return call;
  const isPart = JSON.stringify(call.input).includes('"ProjectionExpression"');
  return isPart ? { ...call, input: projected[call.action]?.(call.input) } : call;
}

const wholeItem = v.looseObject({
  ProjectionExpression: v.optional(v.string()),
  ExpressionAttributeNames: v.optional(v.unknown()),
});
const withoutProjection = v.pipe(
  wholeItem,
  v.transform(({ ProjectionExpression: _, ExpressionAttributeNames: __, ...input }) => input),
);
const wholeBatch = v.looseObject({ RequestItems: v.record(v.string(), withoutProjection) });
const projected: Readonly<Record<string, (input: unknown) => unknown>> = {
  GetItem: (input) => v.parse(withoutProjection, input),
  BatchGetItem: (input) => v.parse(wholeBatch, input),
};

/**
 * Returns 0 for a call that is no read of DynamoDB. Throws for a query whose answer lacks a part of what it read.
 * @param output the answer to `ofWholeItems(call)`
 */
export function readUnitsOf({ service, action, input }: Read, output: unknown): number {
  if (service !== 'dynamodb') return 0;
  switch (action) {
    case 'GetItem': {
      const { ConsistentRead } = v.parse(getInput, input);
      const { Item } = v.parse(getOutput, output);
      return units(Item === undefined ? 0 : sizeOf(Item), ConsistentRead);
    }
    case 'Query':
    case 'Scan': {
      const parsed = v.safeParse(queryInput, input);
      if (!parsed.success) throw withoutRest(action, v.getDotPath(parsed.issues[0]));
      // A page is rounded up as a whole.
      return units(sum(v.parse(queryOutput, output).Items.map(sizeOf)), parsed.output.ConsistentRead);
    }
    case 'BatchGetItem': {
      const { RequestItems } = v.parse(batchInput, input);
      const { Responses, UnprocessedKeys } = v.parse(batchOutput, output);
      // Each item is rounded up alone, and a missing one costs as much as a small one.
      const ofTables = Object.entries(RequestItems).map(([name, { Keys, ConsistentRead }]) => {
        const items = Responses[name] ?? [];
        const missingCount = Keys.length - items.length - (UnprocessedKeys[name]?.Keys.length ?? 0);
        return sum(items.map((one) => units(sizeOf(one), ConsistentRead))) + missingCount * units(0, ConsistentRead);
      });
      return sum(ofTables);
    }
    default:
      return 0;
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const withoutRest = (action: string, part: string | null): Error =>
  new Error(
    `Got a ${action} with ${part}, expected one that returns everything that it reads. Make bench/read-units.ts count the rest.`,
  );
