/** Takes a handoff as an agent's entrypoint does: in process, with calls signed by its task's credentials. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { handoff, taskEnv } from '../../contracts/agent.ts';
import type { EmulatedAws } from '../../emulator/aws.ts';
import { signatureOf } from '../../emulator/iam/signature.ts';
import { bodyText, textBody, type WireResponse } from '../../emulator/wire.ts';

export interface TaskCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

type Environment = Readonly<Record<string, string>>;

const credentialsSchema = v.object({ AccessKeyId: v.string(), SecretAccessKey: v.string(), Token: v.string() });
const metadataSchema = v.object({ TaskARN: v.string() });
const answerSchema = v.object({
  Item: v.optional(
    v.record(
      v.string(),
      v.custom<AttributeValue>((value) => typeof value === 'object'),
    ),
  ),
});
const itemSchema = v.object({ [handoff.id]: v.string(), [handoff.values]: v.record(v.string(), v.string()) });

/** Fetches the credentials at the address in a container's environment. Throws if they are refused. */
export async function fetchCredentials(aws: EmulatedAws, environment: Environment): Promise<TaskCredentials> {
  const response = await aws.handle({
    method: 'GET',
    path: new URL(environment.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '').pathname,
    headers: { authorization: environment.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '' },
    body: new Uint8Array(),
  });
  if (response.status !== 200) throw new Error(`Got ${response.status} ${bodyText(response)}, expected credentials.`);
  const { AccessKeyId, SecretAccessKey, Token } = v.parse(credentialsSchema, JSON.parse(bodyText(response)));
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token };
}

interface SignedRequest {
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a request that is signed as curl signs it in a container: without the SDK, and each one once. */
function sendSigned(
  aws: EmulatedAws,
  credentials: TaskCredentials,
  { service, headers, body }: SignedRequest,
): Promise<WireResponse> {
  const scope = `20260101/${aws.region}/${service}/aws4_request`;
  const signed = {
    host: new URL(aws.endpoint).host,
    'x-amz-date': '20260101T000000Z',
    'x-amz-security-token': credentials.sessionToken,
  };
  const signedHeaders = Object.keys(signed);
  const request = { method: 'POST', path: '/', headers: { ...signed, ...headers }, body: textBody(body) };
  const signature = signatureOf(request, { scope, signedHeaders }, credentials.secretAccessKey);
  const authorization = [
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}`,
    `SignedHeaders=${signedHeaders.join(';')}`,
    `Signature=${signature}`,
  ].join(', ');
  return aws.handle({ ...request, headers: { ...request.headers, authorization } });
}

/** STS GetCallerIdentity. @returns its status, and its XML */
export async function callerIdentity(aws: EmulatedAws, credentials: TaskCredentials) {
  const response = await sendSigned(aws, credentials, {
    service: 'sts',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  });
  return { status: response.status, xml: bodyText(response) };
}

/** The handoff item of one task. Each call is one try, and rejects if it fails. */
export interface TaskHandoff {
  /** Returns the item's values, or undefined while there is no item. */
  readonly read: () => Promise<Readonly<Record<string, string>> | undefined>;
  /** Deletes the item that was read last, which tells the functions that the agent is up. */
  readonly remove: () => Promise<void>;
}

/** Finds the handoff of a task as its container does. Throws if ECS does not give its credentials and id. */
export async function handoffOf(aws: EmulatedAws, environment: Environment): Promise<TaskHandoff> {
  const credentials = await fetchCredentials(aws, environment);
  const taskId = (await fetchTaskArn(aws, environment)).split('/').at(-1);
  const item = {
    TableName: environment[taskEnv.handoffTable] ?? '',
    Key: { [handoff.key]: { S: `${environment[taskEnv.handoffRoleId]}:${taskId}` } },
  };
  const call = async (action: 'GetItem' | 'DeleteItem', input: object) => {
    const response = await sendSigned(aws, credentials, {
      service: 'dynamodb',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDB_20120810.${action}` },
      body: JSON.stringify({ ...item, ...input }),
    });
    return { status: response.status, text: bodyText(response) };
  };
  let lastId = '';
  return {
    async read() {
      const { status, text } = await call('GetItem', { ConsistentRead: true });
      if (status !== 200) throw new Error(`Got ${status} ${text}, expected a handoff or none.`);
      const { Item } = v.parse(answerSchema, JSON.parse(text));
      if (Item === undefined) return undefined;
      const { [handoff.id]: id, [handoff.values]: values } = v.parse(itemSchema, unmarshall(Item));
      lastId = id;
      return values;
    },
    async remove() {
      const { status, text } = await call('DeleteItem', {
        ConditionExpression: '#id = :id',
        ExpressionAttributeNames: { '#id': handoff.id },
        ExpressionAttributeValues: { ':id': { S: lastId } },
      });
      // Another item stands there, or none.
      if (status === 200 || text.includes('ConditionalCheckFailedException')) return;
      throw new Error(`Got ${status} ${text}, expected that the handoff is deleted.`);
    },
  };
}

/** Asks the metadata endpoint which task this is. */
async function fetchTaskArn(aws: EmulatedAws, environment: Environment): Promise<string> {
  const { pathname } = new URL(environment.ECS_CONTAINER_METADATA_URI_V4 ?? '');
  const response = await aws.handle({ method: 'GET', path: `${pathname}/task`, headers: {}, body: new Uint8Array() });
  return v.parse(metadataSchema, JSON.parse(bodyText(response))).TaskARN;
}
