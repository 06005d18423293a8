/** Takes a handoff as an agent's entrypoint does: in process, with calls signed by its task's credentials. */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { handoff, taskEnv } from '../../contracts/agent.ts';
import type { EmulatedAws } from '../../emulator/aws.ts';
import type { Clock } from '../../emulator/clock.ts';
import { signatureOf } from '../../emulator/iam/signature.ts';
import { inProcess } from '../../emulator/in-process.ts';
import { bodyText, textBody } from '../../emulator/wire.ts';

export interface TaskCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

type Environment = Readonly<Record<string, string>>;

const credentialsSchema = v.object({ AccessKeyId: v.string(), SecretAccessKey: v.string(), Token: v.string() });
const metadataSchema = v.object({ TaskARN: v.string() });
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

/** STS GetCallerIdentity. @returns its status, and its XML */
export async function callerIdentity(aws: EmulatedAws, credentials: TaskCredentials) {
  const scope = `20260101/${aws.region}/sts/aws4_request`;
  const signed = {
    host: new URL(aws.endpoint).host,
    'x-amz-date': '20260101T000000Z',
    'x-amz-security-token': credentials.sessionToken,
  };
  const signedHeaders = Object.keys(signed);
  const request = {
    method: 'POST',
    path: '/',
    headers: { ...signed, 'content-type': 'application/x-www-form-urlencoded' },
    body: textBody('Action=GetCallerIdentity&Version=2011-06-15'),
  };
  const signature = signatureOf(request, { scope, signedHeaders }, credentials.secretAccessKey);
  const authorization = [
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}`,
    `SignedHeaders=${signedHeaders.join(';')}`,
    `Signature=${signature}`,
  ].join(', ');
  const response = await aws.handle({ ...request, headers: { ...request.headers, authorization } });
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
export async function handoffOf(aws: EmulatedAws, clock: Clock, environment: Environment): Promise<TaskHandoff> {
  const credentials = await fetchCredentials(aws, environment);
  const dynamodb = new DynamoDBClient(inProcess(aws, clock, { credentials, maxAttempts: 1 }));
  const taskId = (await fetchTaskArn(aws, environment)).split('/').at(-1);
  const item = {
    TableName: environment[taskEnv.handoffTable] ?? '',
    Key: { [handoff.key]: { S: `${environment[taskEnv.handoffRoleId]}:${taskId}` } },
  };
  let lastId = '';
  return {
    async read() {
      const { Item } = await dynamodb.send(new GetItemCommand({ ...item, ConsistentRead: true }));
      if (Item === undefined) return undefined;
      const { [handoff.id]: id, [handoff.values]: values } = v.parse(itemSchema, unmarshall(Item));
      lastId = id;
      return values;
    },
    async remove() {
      const condition = {
        ConditionExpression: '#id = :id',
        ExpressionAttributeNames: { '#id': handoff.id },
        ExpressionAttributeValues: { ':id': { S: lastId } },
      };
      await dynamodb.send(new DeleteItemCommand({ ...item, ...condition })).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
    },
  };
}

/** Asks the metadata endpoint which task this is. */
async function fetchTaskArn(aws: EmulatedAws, environment: Environment): Promise<string> {
  const { pathname } = new URL(environment.ECS_CONTAINER_METADATA_URI_V4 ?? '');
  const response = await aws.handle({ method: 'GET', path: `${pathname}/task`, headers: {}, body: new Uint8Array() });
  return v.parse(metadataSchema, JSON.parse(bodyText(response))).TaskARN;
}
