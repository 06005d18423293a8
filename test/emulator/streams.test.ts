import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import type { AwsOptions } from '../../emulator/aws.ts';
import { secondMs } from '../support/time.ts';
import { emulated } from './emulated.ts';

const TableName = 'rows';

interface Options extends Pick<AwsOptions, 'onCall'> {
  readonly patterns?: readonly unknown[];
  /** The number of invocations that fail at first. */
  readonly failures?: number;
}

/** Makes an account in which a function reads the stream of a table. */
function reading({ patterns = [], failures = 0, ...options }: Options = {}) {
  const { aws, clock, dynamodb } = emulated(options);
  aws.dynamodb.createTable({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  const batches: unknown[][] = [];
  let invocations = 0;
  aws.lambda.registerFunction({
    name: 'reader',
    timeoutSeconds: 3,
    invoke: async (event) => {
      invocations += 1;
      if (invocations <= failures) throw new Error('not yet');
      const { Records } = Object(event);
      batches.push(
        Records.map((record: { eventName: string; dynamodb: { OldImage?: object; NewImage?: object } }) => [
          record.eventName,
          record.dynamodb.OldImage,
          record.dynamodb.NewImage,
        ]),
      );
    },
  });
  const stream = 'arn:aws:dynamodb:us-east-1:000000000000:table/rows/stream/2026-01-01T00:00:00.000';
  aws.eventSources.putMapping({ name: 'mapping', streamArn: stream, functionName: 'reader', patterns });
  const put = (pk: string, more: object = {}) =>
    clock.run(dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, ...more } })));
  const remove = (pk: string) => clock.run(dynamodb.send(new DeleteItemCommand({ TableName, Key: { pk: { S: pk } } })));
  return { aws, clock, put, remove, batches, invocations: () => invocations };
}

const a = { pk: { S: 'a' } };
const colour = { colour: { S: 'red' } };

test('a function gets the changes of a table in their order, with both images', async () => {
  const { clock, put, remove, batches } = reading();
  await put('a');
  await put('a', colour);
  await put('a', colour); // changes nothing
  await remove('a');
  await clock.advance(secondMs);
  expect(batches.flat()).toEqual([
    ['INSERT', undefined, a],
    ['MODIFY', a, { ...a, ...colour }],
    ['REMOVE', { ...a, ...colour }, undefined],
  ]);
});

test('a function gets only the records that its filters name', async () => {
  const { clock, put, batches } = reading({ patterns: [{ dynamodb: { Keys: { pk: { S: [{ prefix: 'b' }] } } } }] });
  await put('a');
  await put('b1');
  await clock.advance(secondMs);
  expect(batches).toEqual([[['INSERT', undefined, { pk: { S: 'b1' } }]]]);
});

test('a batch that fails comes again before any later record', async () => {
  const { clock, put, batches, invocations } = reading({ failures: 2 });
  await put('a');
  await clock.advance(secondMs / 2);
  await put('b');
  await clock.advance(10 * secondMs);
  expect(invocations()).toBe(3);
  expect(batches).toEqual([
    [
      ['INSERT', undefined, a],
      ['INSERT', undefined, { pk: { S: 'b' } }],
    ],
  ]);
});

test('a batch whose delivery is lost comes again', async () => {
  let deliveries = 0;
  const { clock, put, batches } = reading({
    onCall: async (call, proceed) => {
      if (call.action === 'DeliverRecords' && ++deliveries === 1) return undefined;
      return proceed();
    },
  });
  await put('a');
  await clock.advance(10 * secondMs);
  expect(deliveries).toBe(2);
  expect(batches).toEqual([[['INSERT', undefined, a]]]);
});

test('records that a function has failed for a day are dropped', async () => {
  const { clock, put, batches, invocations } = reading({ failures: Infinity });
  await put('a');
  await clock.advance(25 * 3600 * secondMs);
  const tries = invocations();
  await clock.advance(3600 * secondMs);
  expect(invocations()).toBe(tries);
  expect(batches).toEqual([]);
});

test('a mapping needs a stream and a function', () => {
  const { aws } = reading();
  const mapping = { name: 'other', functionName: 'reader', streamArn: 'arn:other' };
  expect(() => aws.eventSources.putMapping(mapping)).toThrow(
    'Mapping other reads arn:other, expected the stream of a table.',
  );
});
