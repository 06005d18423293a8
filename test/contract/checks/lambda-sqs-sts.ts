import { InvokeCommand, type InvokeCommandInput } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { type Account, newName } from '../account.ts';
import { type Operation, outcomeOf } from '../check.ts';
import { askQuery, askSqs } from '../plain-request.ts';

const Payload = JSON.stringify({ sessionId: 'ü' });

async function invoking({ lambda }: Account, FunctionName: string, more: Partial<InvokeCommandInput> = {}) {
  const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload, ...more }));
  const payload = answer.Payload?.transformToString() ?? '';
  return { status: answer.StatusCode, error: answer.FunctionError, payload };
}

const failure = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ errorType: v.optional(v.string()), errorMessage: v.optional(v.string()) }),
);

export const invoke: Operation = {
  name: 'Lambda Invoke',
  checks: {
    'passes the event in and the result out': {
      aws: { status: 200, error: undefined, payload: Payload },
      observe: async (account) => invoking(account, await account.echoFunction()),
    },
    'a function that throws is a success with the error in its payload': {
      aws: { status: 200, error: 'Unhandled', failure: { errorType: 'TypeError', errorMessage: 'broken' } },
      async observe(account) {
        const { status, error, payload } = await invoking(account, await account.failingFunction());
        return { status, error, failure: v.parse(failure, payload) };
      },
    },
    'an asynchronous invocation is accepted and returns nothing': {
      aws: { status: 202, error: undefined, payload: '' },
      observe: async (account) => invoking(account, await account.echoFunction(), { InvocationType: 'Event' }),
    },
    'a dry run returns nothing': {
      aws: { status: 204, error: undefined, payload: '' },
      observe: async (account) => invoking(account, await account.echoFunction(), { InvocationType: 'DryRun' }),
    },
    'an unknown function is refused': {
      aws: 'ResourceNotFoundException 404',
      observe: (account) => outcomeOf(invoking(account, newName('none'))),
    },
    'an invocation may ask for no log': {
      aws: Payload,
      observe: async (account) => (await invoking(account, await account.echoFunction(), { LogType: 'None' })).payload,
    },
    'an asynchronous invocation of an unknown function is refused': {
      aws: 'ResourceNotFoundException 404',
      observe: (account) => outcomeOf(invoking(account, newName('none'), { InvocationType: 'Event' })),
    },
  },
};

const received = v.object({
  Messages: v.optional(v.array(v.object({ Body: v.string(), ReceiptHandle: v.string() })), []),
});

async function receive(account: Account, QueueUrl: string, VisibilityTimeout: number, MaxNumberOfMessages = 1) {
  const request = { QueueUrl, VisibilityTimeout, MaxNumberOfMessages, WaitTimeSeconds: 0 };
  return v.parse(received, await askSqs(account, 'ReceiveMessage', request)).Messages;
}

async function counts(account: Account, QueueUrl: string): Promise<unknown> {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
  const attributes = v.object({ Attributes: v.record(v.string(), v.string()) });
  const answer = v.parse(attributes, await askSqs(account, 'GetQueueAttributes', { QueueUrl, AttributeNames }));
  return AttributeNames.map((name) => answer.Attributes[name]);
}

/** The part of SQS that people need for the queue of failed events: look in, take out. */
export const queue: Operation = {
  name: 'SQS failure queue',
  checks: {
    'SendMessage returns the id and the MD5 of the body': {
      aws: { hasId: true, MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592' },
      async observe(account) {
        const answer = await askSqs(account, 'SendMessage', { QueueUrl: await account.queue(), MessageBody: 'hello' });
        const { MessageId, MD5OfMessageBody } = v.parse(
          v.object({ MessageId: v.string(), MD5OfMessageBody: v.string() }),
          answer,
        );
        return { hasId: /^[0-9a-f-]{36}$/.test(MessageId), MD5OfMessageBody };
      },
    },
    'a message that was received is hidden and counted': {
      aws: { first: ['hello'], second: [], before: ['1', '0'], after: ['0', '1'] },
      async observe(account) {
        const QueueUrl = await account.queue();
        await askSqs(account, 'SendMessage', { QueueUrl, MessageBody: 'hello' });
        const before = await counts(account, QueueUrl);
        const first = (await receive(account, QueueUrl, 30)).map(({ Body }) => Body);
        const second = (await receive(account, QueueUrl, 30)).map(({ Body }) => Body);
        return { first, second, before, after: await counts(account, QueueUrl) };
      },
    },
    'a message with a visibility timeout of 0 is received again': {
      aws: ['hello', 'hello'],
      async observe(account) {
        const QueueUrl = await account.queue();
        await askSqs(account, 'SendMessage', { QueueUrl, MessageBody: 'hello' });
        const looks = [await receive(account, QueueUrl, 0), await receive(account, QueueUrl, 0)];
        return looks.flat().map(({ Body }) => Body);
      },
    },
    'a message that was deleted is no longer counted': {
      aws: ['0', '0'],
      async observe(account) {
        const QueueUrl = await account.queue();
        await askSqs(account, 'SendMessage', { QueueUrl, MessageBody: 'hello' });
        const [message] = await receive(account, QueueUrl, 30);
        await askSqs(account, 'DeleteMessage', { QueueUrl, ReceiptHandle: message?.ReceiptHandle });
        return counts(account, QueueUrl);
      },
    },
    'several messages are received at once': {
      aws: ['one', 'two'],
      async observe(account) {
        const QueueUrl = await account.queue();
        for (const MessageBody of ['one', 'two']) await askSqs(account, 'SendMessage', { QueueUrl, MessageBody });
        return (await receive(account, QueueUrl, 0, 10)).map(({ Body }) => Body).sort();
      },
    },
    'a purged queue has no message': {
      aws: ['0', '0'],
      async observe(account) {
        const QueueUrl = await account.queue();
        await askSqs(account, 'SendMessage', { QueueUrl, MessageBody: 'hello' });
        await askSqs(account, 'PurgeQueue', { QueueUrl });
        return counts(account, QueueUrl);
      },
    },
    'an unknown queue is refused': {
      aws: 'com.amazonaws.sqs#QueueDoesNotExist 400',
      async observe(account) {
        const QueueUrl = `${await account.queue()}-none`;
        return askSqs(account, 'SendMessage', { QueueUrl, MessageBody: 'hello' });
      },
    },
  },
};

export const callerIdentity: Operation = {
  name: 'STS GetCallerIdentity',
  checks: {
    'returns the account as a number and in the ARN': {
      aws: { status: 200, hasAccount: true, arnNamesAccount: true, hasUserId: true },
      async observe(account) {
        const { status, body } = await askQuery(account, 'sts', 'GetCallerIdentity');
        const element = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(body)?.[1] ?? '';
        const number = element('Account');
        const arnNamesAccount = /^arn:aws:(iam|sts)::(\d+):/.exec(element('Arn'))?.[2] === number;
        return { status, hasAccount: /^\d{12}$/.test(number), arnNamesAccount, hasUserId: element('UserId') !== '' };
      },
    },
    'an unknown action is refused': {
      aws: { status: 400, code: 'InvalidAction' },
      async observe(account) {
        const { status, body } = await askQuery(account, 'sts', 'Dance');
        return { status, code: /<Code>([^<]+)<\/Code>/.exec(body)?.[1] };
      },
    },
  },
};
