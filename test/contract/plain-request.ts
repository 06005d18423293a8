/** Calls the services without an installed client, in their own protocols. */
import * as v from 'valibot';
import { type Account, region } from './account.ts';

/** An answer before it is parsed. */
export interface PlainAnswer {
  readonly status: number;
  readonly body: string;
}

/** Returns headers that name the service and the region for moto. Their signature is empty. */
const headersFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

/**
 * Calls SQS. Returns the parsed answer, or the code and the status of the refusal.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
 */
export async function askSqs(account: Account, action: string, input: object): Promise<unknown> {
  const { status, body } = await post(account.endpoint, JSON.stringify(input), {
    ...headersFor('sqs'),
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AmazonSQS.${action}`,
  });
  const answer: unknown = body === '' ? {} : JSON.parse(body);
  return status === 200 ? answer : `${v.parse(v.object({ __type: v.string() }), answer).__type} ${status}`;
}

/**
 * Calls DynamoDB. Returns the parsed answer with its status. dynalite wants to see a date.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
 */
export async function askDynamoDb(account: Account, action: string, input: object) {
  const { status, body } = await post(account.endpoint, JSON.stringify(input), {
    ...headersFor('dynamodb'),
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-date': '20260101T000000Z',
    'x-amz-target': `DynamoDB_20120810.${action}`,
  });
  return { status, answer: v.parse(v.record(v.string(), v.unknown()), JSON.parse(body)) };
}

const queryVersions = {
  cloudformation: '2010-05-15',
  elasticache: '2015-02-02',
  iam: '2010-05-08',
  rds: '2014-10-31',
  sts: '2011-06-15',
} as const;

/** Calls a service of the AWS query protocol. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export function askQuery(
  account: Account,
  service: keyof typeof queryVersions,
  action: string,
  input: Readonly<Record<string, string>> = {},
): Promise<PlainAnswer> {
  const form = new URLSearchParams({ Action: action, Version: queryVersions[service], ...input });
  return post(account.endpoint, form.toString(), {
    ...headersFor(service),
    'content-type': 'application/x-www-form-urlencoded',
  });
}

async function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<PlainAnswer> {
  const response = await fetch(url, { method: 'POST', body, headers });
  return { status: response.status, body: await response.text() };
}
