/** Looks for tasks and security groups that no session explains, every ten minutes. */
import { makeClients } from '../aws/clients.ts';
import { BatchedSessions } from '../aws/dynamodb/batched-sessions.ts';
import { DynamoOrphanNotes } from '../aws/dynamodb/orphan-notes.ts';
import { inventories } from '../aws/session-adapters.ts';
import { sweeperHandler } from '../events/sweeper.ts';
import type { Runtime } from '../runtime.ts';
import { type Environment, readVariables } from '../variables.ts';

export const variables = ['table', 'cluster', 'vpc', 'stack'] as const;

export function create(environment: Environment, { sdk, ...runtime }: Runtime) {
  const values = readVariables(variables, environment);
  const clients = makeClients(sdk);
  const ports = {
    ...runtime,
    orphans: new DynamoOrphanNotes(clients.dynamodb, values.table),
    inventories: inventories(clients, values),
    metrics: runtime.metrics(values.stack),
  };
  const sessions = () => new BatchedSessions(clients.dynamodb, values.table, runtime.clock);
  return (event: unknown) => sweeperHandler({ ...ports, sessions: sessions() })(event);
}
