/** Looks at every session that is due, once a minute. */
import { makeClients } from '../aws/clients.ts';
import { DynamoNotices } from '../aws/dynamodb/notices.ts';
import { batchedSessionAdapters } from '../aws/session-adapters.ts';
import { reap } from '../core/end/reap.ts';
import type { Runtime } from '../runtime.ts';
import { convergeAllVariables, type Environment, readVariables } from '../variables.ts';

export const variables = [...convergeAllVariables, 'sshPorts', 'sshTaskDefinition', 'poolSize', 'poolHours'] as const;

export function create(environment: Environment, { sdk, ...runtime }: Runtime) {
  const values = readVariables(variables, environment);
  const clients = makeClients(sdk);
  const notices = new DynamoNotices(clients.dynamodb, values);
  const ports = { ...runtime, notices, metrics: runtime.metrics(values.stack) };
  const plan = { ...values, taskDefinition: values.sshTaskDefinition };
  return () => reap({ ...ports, ...batchedSessionAdapters(clients, values, runtime.clock) }, plan);
}
