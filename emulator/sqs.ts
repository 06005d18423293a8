import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { arn, type Context } from './context.ts';
import { notAmongEmulated, type Operations, onlyEmulated, operationMaker } from './operation.ts';
import { uuid } from './random.ts';
import { AwsError } from './wire.ts';

/** The SQS of an account. */
export interface Sqs {
  readonly operations: Operations;
  /** Makes an empty queue. */
  createQueue(name: string): { readonly url: string; readonly arn: string };
  /** Puts a message into the queue, as another service does. Throws an AwsError if the queue does not exist. */
  send(queueUrl: string, body: string): { readonly id: string };
}

interface Message {
  readonly id: string;
  readonly body: string;
  /** The time until which the message is hidden, in epoch milliseconds. */
  visibleAt: number;
  receiptHandle: string | undefined;
}

const defaultVisibilitySeconds = 30;
const attributeNames = [
  'All',
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
] as const;
const queue = v.object({ QueueUrl: v.string() });

/** Makes the part of SQS that reads and empties a failure queue. */
export function createSqs(context: Context): Sqs {
  const queues = new Map<string, { readonly arn: string; messages: Message[] }>();
  const operation = operationMaker('InvalidParameterValue', 'MissingParameter');
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');

  /** Finds a queue by the path of its URL. The URL's host depends on the caller. Throws an AwsError if the queue does not exist. */
  function find(queueUrl: string) {
    const queue = queues.get(queueUrl.replace(/^https?:\/\/[^/]+/, ''));
    if (queue !== undefined) return queue;
    throw new AwsError('com.amazonaws.sqs#QueueDoesNotExist', `The specified queue does not exist: ${queueUrl}`);
  }

  function send(queueUrl: string, body: string): { id: string } {
    const id = uuid(context.random);
    find(queueUrl).messages.push({ id, body, visibleAt: context.clock.now(), receiptHandle: undefined });
    return { id };
  }

  const operations: Operations = {
    SendMessage: operation(v.object({ ...queue.entries, MessageBody: v.string() }), ({ QueueUrl, MessageBody }) => {
      return { MessageId: send(QueueUrl, MessageBody).id, MD5OfMessageBody: md5(MessageBody) };
    }),

    ReceiveMessage: operation(
      v.object({
        ...queue.entries,
        MaxNumberOfMessages: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)), 1),
        VisibilityTimeout: v.optional(v.pipe(v.number(), v.minValue(0)), defaultVisibilitySeconds),
        WaitTimeSeconds: v.optional(v.literal(0, notAmongEmulated)),
      }),
      ({ QueueUrl, MaxNumberOfMessages, VisibilityTimeout }) => {
        const now = context.clock.now();
        const receivedMessages = find(QueueUrl)
          .messages.filter(({ visibleAt }) => visibleAt <= now)
          .slice(0, MaxNumberOfMessages);
        for (const message of receivedMessages) {
          message.visibleAt = now + VisibilityTimeout * 1000;
          message.receiptHandle = uuid(context.random);
        }
        const Messages = receivedMessages.map(({ id, body, receiptHandle }) => ({
          MessageId: id,
          ReceiptHandle: receiptHandle,
          Body: body,
          MD5OfBody: md5(body),
        }));
        return Messages.length === 0 ? {} : { Messages };
      },
    ),

    DeleteMessage: operation(
      v.object({ ...queue.entries, ReceiptHandle: v.string() }),
      ({ QueueUrl, ReceiptHandle }) => {
        const queue = find(QueueUrl);
        queue.messages = queue.messages.filter(({ receiptHandle }) => receiptHandle !== ReceiptHandle);
        return {};
      },
    ),

    /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
    GetQueueAttributes: operation(
      v.object({ ...queue.entries, AttributeNames: v.optional(v.array(onlyEmulated(attributeNames)), []) }),
      ({ QueueUrl, AttributeNames }) => {
        const { arn: queueArn, messages } = find(QueueUrl);
        const visible = messages.filter(({ visibleAt }) => visibleAt <= context.clock.now()).length;
        const all = {
          QueueArn: queueArn,
          ApproximateNumberOfMessages: String(visible),
          ApproximateNumberOfMessagesNotVisible: String(messages.length - visible),
        };
        const Attributes = Object.fromEntries(
          Object.entries(all).filter(([name]) => AttributeNames.some((wanted) => wanted === 'All' || wanted === name)),
        );
        return AttributeNames.length === 0 ? {} : { Attributes };
      },
    ),

    /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html */
    PurgeQueue: operation(queue, ({ QueueUrl }) => {
      find(QueueUrl).messages = [];
      return {};
    }),
  };

  return {
    operations,
    createQueue(name) {
      const path = `/${context.accountId}/${name}`;
      const queueArn = arn(context, 'sqs', name);
      queues.set(path, { arn: queueArn, messages: [] });
      return { url: `https://sqs.${context.region}.amazonaws.com${path}`, arn: queueArn };
    },
    send,
  };
}
