/** `GET /` shows the caller's live bastion, `GET /known_hosts` its host keys. `GET /sessions` lists sessions. */
import { makeClients } from '../aws/clients.ts';
import { DynamoHandoffs } from '../aws/dynamodb/handoffs.ts';
import { DynamoSessions } from '../aws/dynamodb/sessions.ts';
import { EcsTasks } from '../aws/ecs/tasks.ts';
import { sessionsHandler } from '../http/people/bastions.ts';
import type { Runtime } from '../runtime.ts';
import { callerVariables, type Environment, readVariables, taskPlaceOf } from '../variables.ts';

export const variables = [
  ...callerVariables,
  ...(['table', 'cluster', 'handoffTable', 'sshRoleId', 'stack'] as const),
  ...(['sshLogin', 'taskCpu', 'taskMemory', 'poolSize', 'poolHours'] as const),
] as const;

export function create(environment: Environment, { sdk, ...runtime }: Runtime) {
  const values = readVariables(variables, environment);
  const clients = makeClients(sdk);
  const ports = {
    ...runtime,
    sessions: new DynamoSessions(clients.dynamodb, values.table),
    tasks: new EcsTasks(clients, values.cluster),
    handoffs: new DynamoHandoffs(clients.dynamodb, values),
    metrics: runtime.metrics(values.stack),
  };
  return sessionsHandler(ports, { ...values, taskPlace: taskPlaceOf(values, environment) });
}
