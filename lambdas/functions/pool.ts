/** Starts the pooled bastions that are missing, once a minute. The reaper ends those that are too many. */
import { makeClients } from '../aws/clients.ts';
import { EcsLauncher } from '../aws/ecs/launcher.ts';
import { sessionAdapters } from '../aws/session-adapters.ts';
import { refillPool } from '../core/start/refill-pool.ts';
import type { Runtime } from '../runtime.ts';
import { convergeVariables, type Environment, readVariables } from '../variables.ts';

export const variables = [
  ...convergeVariables,
  ...(['sshRoleId', 'subnets', 'clientGroup', 'sshTaskDefinition', 'sshPorts'] as const),
  ...(['poolSize', 'poolHours', 'poolMaxAgeSeconds', 'maxLifetimeSeconds', 'maxSessions'] as const),
] as const;

export function create(environment: Environment, { sdk, ...runtime }: Runtime) {
  const values = readVariables(variables, environment);
  const clients = makeClients(sdk);
  const plan = { ...values, taskDefinitions: { ssh: values.sshTaskDefinition } };
  const ports = {
    ...runtime,
    ...sessionAdapters(clients, values, runtime.clock),
    metrics: runtime.metrics(values.stack),
    launcher: new EcsLauncher(clients.ecs, plan, runtime.clock),
  };
  return () => refillPool(ports, { ...values, taskDefinition: values.sshTaskDefinition });
}
