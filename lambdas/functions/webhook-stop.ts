/** `POST /stop` asks for the removal of a webhook's target. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoReplays } from '../aws/dynamodb/replays.ts';
import { DynamoSessions } from '../aws/dynamodb/sessions.ts';
import { LambdaTeardowns } from '../aws/lambda/teardowns.ts';
import { SecretsManagerWebhookSecret } from '../aws/secretsmanager/webhook-secret.ts';
import { webhookStopHandler } from '../http/webhooks/targets.ts';
import type { Runtime } from '../runtime.ts';
import { type Environment, readVariables, webhookVariables } from '../variables.ts';

export const variables = [...webhookVariables, 'teardownFunction'] as const;

export function create(environment: Environment, { sdk, ...runtime }: Runtime) {
  const values = readVariables(variables, environment);
  const dynamodb = new DynamoDBClient(sdk);
  const ports = {
    ...runtime,
    sessions: new DynamoSessions(dynamodb, values.table),
    teardowns: new LambdaTeardowns(new LambdaClient(sdk), values.teardownFunction),
    secrets: new SecretsManagerWebhookSecret(new SecretsManagerClient(sdk), values.webhookSecret, runtime.clock),
    replays: new DynamoReplays(dynamodb, values.table, runtime.ids),
  };
  return webhookStopHandler(ports, values);
}
