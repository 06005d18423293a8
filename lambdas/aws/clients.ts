import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';

/** The settings that all clients of the SDK share. */
export type ClientConfig = Pick<
  ECSClientConfig,
  'endpoint' | 'region' | 'credentials' | 'requestHandler' | 'maxAttempts' | 'retryMode'
>;

export type Clients = ReturnType<typeof makeClients>;

/** The clients that look after sessions. A function makes them once: a throttled client slows down for all that it does. */
export const makeClients = (config: ClientConfig) => ({
  dynamodb: new DynamoDBClient(config),
  ecs: new ECSClient(config),
  ec2: new EC2Client(config),
});
