/** Removes every session before CloudFormation deletes what sessions live in. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { drainName } from '../../contracts/stack.ts';
import { makeClients } from '../aws/clients.ts';
import { CloudFormationRequests } from '../aws/cloudformation/stack-requests.ts';
import { inventories, sessionAdapters } from '../aws/session-adapters.ts';
import { drainHandler } from '../events/drain.ts';
import type { Runtime } from '../runtime.ts';
import { convergeAllVariables, type Environment, readVariables } from '../variables.ts';

export const variables = convergeAllVariables;

export function create(environment: Environment, { sdk, ...runtime }: Runtime) {
  const values = readVariables(variables, environment);
  const clients = makeClients(sdk);
  const adapters = sessionAdapters(clients, values, runtime.clock);
  const requests = new CloudFormationRequests({
    ...runtime,
    lambda: new LambdaClient(sdk),
    functionName: drainName(values.stack),
  });
  const ports = {
    ...runtime,
    ...adapters,
    inventories: inventories(clients, values),
    metrics: runtime.metrics(values.stack),
  };
  return drainHandler(ports, requests);
}
