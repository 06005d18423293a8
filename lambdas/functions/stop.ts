/** `DELETE /` asks for the removal of the caller's bastion. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DynamoSessions } from '../aws/dynamodb/sessions.ts';
import { LambdaTeardowns } from '../aws/lambda/teardowns.ts';
import { stopHandler } from '../http/people/bastions.ts';
import type { Runtime } from '../runtime.ts';
import { callerVariables, type Environment, readVariables } from '../variables.ts';

export const variables = ['table', 'teardownFunction', ...callerVariables] as const;

export function create(environment: Environment, { sdk, ...runtime }: Runtime) {
  const { table, teardownFunction, ...callers } = readVariables(variables, environment);
  const ports = {
    ...runtime,
    sessions: new DynamoSessions(new DynamoDBClient(sdk), table),
    teardowns: new LambdaTeardowns(new LambdaClient(sdk), teardownFunction),
  };
  return stopHandler(ports, callers);
}
