import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';

export const region = 'us-east-1';

/** An AWS account over the wire. What every check needs of it is new each time, so that checks never meet. */
export interface Account extends Clients {
  readonly endpoint: string;
  network(): Promise<Network>;
  /** Name of a new, empty cluster. */
  cluster(): Promise<string>;
  /** ARN of a new Fargate task definition with the containers `ssh` (essential) and `ready`. */
  taskDefinition(): Promise<string>;
  /** ARN of a new secret. */
  secret(value: string): Promise<string>;
  /** URL of a new queue. */
  queue(): Promise<string>;
  /** Name of a new function that returns its event. */
  echoFunction(): Promise<string>;
  /** Name of a new function that throws `TypeError: broken`. */
  failingFunction(): Promise<string>;
  close(): Promise<void>;
}

export interface Network {
  readonly vpcId: string;
  readonly subnetId: string;
}

export type Clients = ReturnType<typeof clientsOf>;

/** SDK clients that try once, so that what they report is one answer. */
export function clientsOf(endpoint: string) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const config = { endpoint, region, credentials, maxAttempts: 1 };
  return {
    ec2: new EC2Client(config),
    ecs: new ECSClient(config),
    dynamodb: new DynamoDBClient(config),
    ssm: new SSMClient(config),
    secrets: new SecretsManagerClient(config),
    lambda: new LambdaClient(config),
  };
}

export function destroy(clients: Clients): void {
  for (const client of [clients.ec2, clients.ecs, clients.dynamodb, clients.ssm, clients.secrets, clients.lambda]) {
    client.destroy();
  }
}

export function newName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** An id as EC2 makes them, of nothing. */
export function unknownId(kind: 'vpc' | 'subnet' | 'sg' | 'eni'): string {
  return `${kind}-0${randomUUID().replaceAll('-', '').slice(0, 16)}`;
}

/** What a setup call must have answered. */
export function given<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`The answer has no ${what}; this account can't be set up.`);
  return value;
}
