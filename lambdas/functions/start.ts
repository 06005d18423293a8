/** `POST /` starts the caller's bastion, or finds the live one. */
import { SSMClient } from '@aws-sdk/client-ssm';
import { makeClients } from '../aws/clients.ts';
import { EcsLauncher } from '../aws/ecs/launcher.ts';
import { AwsOwners } from '../aws/owners.ts';
import { sessionAdapters } from '../aws/session-adapters.ts';
import { SsmKeys } from '../aws/ssm/keys.ts';
import { startHandler } from '../http/people/bastions.ts';
import type { Runtime } from '../runtime.ts';
import { callerVariables, convergeVariables, type Environment, readVariables, taskPlaceOf } from '../variables.ts';

export const variables = [
  ...convergeVariables,
  ...callerVariables,
  ...([
    'sshRoleId',
    'subnets',
    'clientGroup',
    'sshTaskDefinition',
    'sshPorts',
    'sshLogin',
    'taskCpu',
    'taskMemory',
  ] as const),
  ...(['defaultTtlSeconds', 'maxTtlSeconds', 'maxLifetimeSeconds', 'maxSessions', 'maxPerRole', 'poolSize'] as const),
] as const;

export function create(environment: Environment, { sdk, ...runtime }: Runtime) {
  const values = readVariables(variables, environment);
  const clients = makeClients(sdk);
  const ports = {
    ...runtime,
    ...sessionAdapters(clients, values, runtime.clock),
    metrics: runtime.metrics(values.stack),
    launcher: new EcsLauncher(
      clients.ecs,
      { ...values, taskDefinitions: { ssh: values.sshTaskDefinition } },
      runtime.clock,
    ),
    owners: new AwsOwners(clients),
    keys: new SsmKeys(new SSMClient(sdk)),
  };
  const pool = values.poolSize > 0 && { pool: { ...values, taskDefinition: values.sshTaskDefinition } };
  return startHandler(ports, { ...values, ...pool }, { ...values, taskPlace: taskPlaceOf(values, environment) });
}
