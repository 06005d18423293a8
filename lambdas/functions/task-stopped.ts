/** Ends the session of a task that ECS reports as stopped. */
import { makeClients } from '../aws/clients.ts';
import { sessionAdapters } from '../aws/session-adapters.ts';
import { taskStoppedHandler } from '../events/task-stopped.ts';
import type { Runtime } from '../runtime.ts';
import { convergeAllVariables, type Environment, readVariables } from '../variables.ts';

export const variables = convergeAllVariables;

export function create(environment: Environment, { sdk, ...runtime }: Runtime) {
  const values = readVariables(variables, environment);
  const adapters = sessionAdapters(makeClients(sdk), values, runtime.clock);
  return taskStoppedHandler({ ...runtime, ...adapters, metrics: runtime.metrics(values.stack) });
}
