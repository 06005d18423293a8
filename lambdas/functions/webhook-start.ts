/** `POST /start` starts a target for a webhook. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { makeClients } from '../aws/clients.ts';
import { DynamoReplays } from '../aws/dynamodb/replays.ts';
import { EcsLauncher } from '../aws/ecs/launcher.ts';
import { SecretsManagerWebhookSecret } from '../aws/secretsmanager/webhook-secret.ts';
import { sessionAdapters } from '../aws/session-adapters.ts';
import { webhookStartHandler } from '../http/webhooks/targets.ts';
import type { Runtime } from '../runtime.ts';
import { convergeVariables, type Environment, readVariables, webhookVariables } from '../variables.ts';

export const variables = [
  ...convergeVariables,
  ...webhookVariables,
  ...(['targetRoleId', 'subnets', 'clientGroup', 'agentTaskDefinitions', 'webhookTtlSeconds', 'maxTargets'] as const),
] as const;

export function create(environment: Environment, { sdk, ...runtime }: Runtime) {
  const values = readVariables(variables, environment);
  const { clock, ids } = runtime;
  const clients = makeClients(sdk);
  const taskDefinitions = values.agentTaskDefinitions;
  const ports = {
    ...runtime,
    ...sessionAdapters(clients, values, clock),
    metrics: runtime.metrics(values.stack),
    launcher: new EcsLauncher(clients.ecs, { ...values, taskDefinitions }, clock),
    secrets: new SecretsManagerWebhookSecret(new SecretsManagerClient(sdk), values.webhookSecret, clock),
    replays: new DynamoReplays(clients.dynamodb, values.table, ids),
  };
  return webhookStartHandler(ports, { ...values, builtKinds: Object.keys(taskDefinitions) });
}
