import {
  CreateTableCommand,
  DeleteItemCommand,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { bodyText, textBody } from '../../emulator/wire.ts';
import { arn, emulated, refusal } from './emulated.ts';

const Name = '/bastions/keys/ann';

describe('parameters', () => {
  test('are returned as stored, with a version that counts', async () => {
    const { clock, ssm } = emulated();
    const put = (Value: string, Overwrite: boolean) =>
      ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite }));
    expect(await clock.run(put('one', false))).toMatchObject({ Version: 1 });
    expect(await clock.run(put('two', true))).toMatchObject({ Version: 2 });
    expect(await clock.run(ssm.send(new GetParameterCommand({ Name })))).toMatchObject({
      Parameter: {
        Name,
        Value: 'two',
        Type: 'String',
        Version: 2,
        ARN: arn('ssm', 'parameter/bastions/keys/ann'),
        LastModifiedDate: new Date(clock.now()),
      },
    });
  });

  test.each([
    ['a missing one', new GetParameterCommand({ Name }), 'ParameterNotFound'],
    [
      'a name that AWS does not allow',
      new GetParameterCommand({ Name: '/keys/ann@example.org' }),
      'ValidationException',
    ],
  ])('are refused for %s', async (_, command, expected) => {
    const { clock, ssm } = emulated();
    expect(await clock.run(refusal(ssm.send(command)))).toContain(expected);
  });

  test('are overwritten only on request', async () => {
    const { clock, ssm } = emulated();
    const put = () => ssm.send(new PutParameterCommand({ Name, Value: 'x', Type: 'String' }));
    await clock.run(put());
    expect(await clock.run(refusal(put()))).toContain('ParameterAlreadyExists');
  });
});

describe('DynamoDB', () => {
  const TableName = 'sessions';
  const table = {
    TableName,
    BillingMode: 'PAY_PER_REQUEST' as const,
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' as const },
      { AttributeName: 'shard', AttributeType: 'S' as const },
      { AttributeName: 'reapAt', AttributeType: 'N' as const },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'due',
        KeySchema: [
          { AttributeName: 'shard', KeyType: 'HASH' as const },
          { AttributeName: 'reapAt', KeyType: 'RANGE' as const },
        ],
        Projection: { ProjectionType: 'ALL' as const },
      },
    ],
  };

  test('has a new table at once, over the wire and by its method', async () => {
    const { clock, aws, dynamodb } = emulated();
    await clock.run(dynamodb.send(new CreateTableCommand(table)));
    aws.dynamodb.createTable({ ...table, TableName: 'other' });
    for (const name of [TableName, 'other']) {
      await clock.run(dynamodb.send(new PutItemCommand({ TableName: name, Item: { pk: { S: 'a' } } })));
      const { Item } = await clock.run(dynamodb.send(new GetItemCommand({ TableName: name, Key: { pk: { S: 'a' } } })));
      expect(Item).toEqual({ pk: { S: 'a' } });
    }
    expect(await clock.run(refusal(dynamodb.send(new CreateTableCommand(table))))).toContain('ResourceInUseException');
  });

  test('obeys conditions and keeps a sparse index, while no time passes', async () => {
    const { clock, aws, dynamodb } = emulated();
    aws.dynamodb.createTable(table);
    const startedAt = clock.now();
    const create = () =>
      dynamodb.send(
        new PutItemCommand({
          TableName,
          Item: { pk: { S: 'session#1' }, shard: { S: '0' }, reapAt: { N: '7' } },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    await clock.run(create());
    expect(await clock.run(refusal(create()))).toBe('ConditionalCheckFailedException: The conditional request failed');
    const due = async () => {
      const { Items = [] } = await clock.run(
        dynamodb.send(
          new QueryCommand({
            TableName,
            IndexName: 'due',
            KeyConditionExpression: '#shard = :shard AND reapAt < :now',
            ExpressionAttributeNames: { '#shard': 'shard' },
            ExpressionAttributeValues: { ':shard': { S: '0' }, ':now': { N: '8' } },
          }),
        ),
      );
      return Items.map(({ pk }) => pk?.S);
    };
    expect(await due()).toEqual(['session#1']);
    const Key = { pk: { S: 'session#1' } };
    await clock.run(dynamodb.send(new UpdateItemCommand({ TableName, Key, UpdateExpression: 'REMOVE reapAt' })));
    expect(await due()).toEqual([]);
    await clock.run(dynamodb.send(new DeleteItemCommand({ TableName, Key })));
    expect(clock.now()).toBe(startedAt);
  });

  test.each([
    [
      'a table that is not there',
      new GetItemCommand({ TableName, Key: { pk: { S: 'a' } } }),
      'ResourceNotFoundException',
    ],
    [
      'an operation that is not emulated',
      new ExecuteStatementCommand({ Statement: 'SELECT' }),
      'UnknownOperationException: The emulated AWS has no operation dynamodb ExecuteStatement.',
    ],
  ])('refuses %s', async (_, command, expected) => {
    const { clock, dynamodb } = emulated();
    // The table has commands of different types. Each of them fits the client.
    const send = dynamodb.send.bind(dynamodb) as (command: unknown) => Promise<unknown>;
    expect(await clock.run(refusal(send(command)))).toContain(expected);
  });
});

test('a queue hides a received message for a while, and drops a deleted one', async () => {
  const { clock, aws } = emulated();
  const { url: QueueUrl } = aws.sqs.createQueue('failures');
  const call = async (action: string, input: object) => {
    const headers = { 'x-amz-target': `AmazonSQS.${action}` };
    const body = textBody(JSON.stringify({ QueueUrl, ...input }));
    return JSON.parse(bodyText(await clock.run(aws.handle({ method: 'POST', path: '/', headers, body }))));
  };
  const counts = async () => {
    const { Attributes } = await call('GetQueueAttributes', { AttributeNames: ['All'] });
    return [Attributes.ApproximateNumberOfMessages, Attributes.ApproximateNumberOfMessagesNotVisible];
  };
  expect(await call('SendMessage', { MessageBody: 'hello' })).toMatchObject({
    MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592',
  });
  expect(await counts()).toEqual(['1', '0']);
  expect(await call('ReceiveMessage', {})).toMatchObject({ Messages: [{ Body: 'hello' }] });
  expect(await call('ReceiveMessage', {})).toEqual({});
  expect(await counts()).toEqual(['0', '1']);
  await clock.advance(30_000);
  const {
    Messages: [message],
  } = await call('ReceiveMessage', {});
  await call('DeleteMessage', { ReceiptHandle: message.ReceiptHandle });
  await clock.advance(30_000);
  expect(await counts()).toEqual(['0', '0']);
  expect(await call('SendMessage', { QueueUrl: 'http://aws/1/none', MessageBody: 'x' })).toMatchObject({
    __type: 'com.amazonaws.sqs#QueueDoesNotExist',
  });
});
