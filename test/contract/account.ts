import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';

/** The region of every account here. */
export const region = 'us-east-1';

/** An AWS account over the wire. Each check makes its own resources. */
export interface Account extends Clients {
  readonly endpoint: string;
  /** Makes a VPC with a subnet. */
  network(): Promise<Network>;
  /** Makes an empty cluster and returns its name. */
  cluster(): Promise<string>;
  /** Makes a Fargate task definition with the containers `ssh` (essential) and `ready`, and returns its ARN. */
  taskDefinition(): Promise<string>;
  /** Makes a secret and returns its ARN. */
  secret(value: string): Promise<string>;
  /** Makes a queue and returns its URL. */
  queue(): Promise<string>;
  /** Makes a function that returns its event, and returns its name. */
  echoFunction(): Promise<string>;
  /** Makes a function that throws `TypeError: broken`, and returns its name. */
  failingFunction(): Promise<string>;
  /** Makes a function that ListFunctions shows, and returns its name. */
  listedFunction(): Promise<string>;
  /** Makes a stack with two queues, `First` and `Second`, and returns its name. */
  stack(): Promise<string>;
  /** Names the attribute of a table that holds the time to live. */
  setTimeToLive(table: string, attribute: string): Promise<void>;
  /** Ends the clients, and the account if it is emulated. */
  close(): Promise<void>;
}

/** A place for tasks and groups. */
export interface Network {
  readonly vpcId: string;
  readonly subnetId: string;
}

export type Clients = ReturnType<typeof clientsOf>;

/** Makes SDK clients that try each call once, so that a check sees each answer. */
export function clientsOf(endpoint: string) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const config = { endpoint, region, credentials, maxAttempts: 1 };
  return {
    ec2: new EC2Client(config),
    ecs: new ECSClient(config),
    events: new EventBridgeClient(config),
    dynamodb: new DynamoDBClient(config),
    ssm: new SSMClient(config),
    secrets: new SecretsManagerClient(config),
    lambda: new LambdaClient(config),
  };
}

/** Ends the clients and their connections. */
export function destroy(clients: Clients): void {
  for (const client of Object.values(clients)) client.destroy();
}

/** Generates a name that no other resource has. */
export function newName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** Generates an id in EC2's form that belongs to no resource. */
export function unknownId(kind: 'vpc' | 'subnet' | 'sg' | 'eni'): string {
  return `${kind}-0${randomUUID().replaceAll('-', '').slice(0, 16)}`;
}

/** Returns a member of an answer. Throws if the answer lacks it. */
export function present<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined)
    throw new Error(`Got an answer without ${name}, expected one with it. The account can't be set up.`);
  return value;
}
