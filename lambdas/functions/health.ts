/** `GET /health` tells whether the table and the cluster answer. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { healthProbe } from '../aws/health-probe.ts';
import { healthCheck } from '../core/watch/check-health.ts';
import { healthHandler } from '../http/health.ts';
import type { Runtime } from '../runtime.ts';
import { type Environment, readVariables } from '../variables.ts';

export const variables = ['table', 'cluster'] as const;

export function create(environment: Environment, { sdk, clock, log }: Runtime) {
  const { table, cluster } = readVariables(variables, environment);
  const probe = healthProbe(new DynamoDBClient(sdk), new ECSClient(sdk), { table, cluster });
  return healthHandler({ log }, healthCheck(clock, log, probe));
}
