/** dynalite, an emulator of DynamoDB alone that others wrote: the judge beside which the emulated DynamoDB stands. */
import { once } from 'node:events';
import { promisify } from 'node:util';
import dynalite from 'dynalite';
import { type Account, clientsOf, destroy } from './account.ts';

const onlyTables = () =>
  Promise.reject(new Error('dynalite has tables only. A check of another service runs elsewhere.'));

/** Makes an account that has tables and nothing else, behind a port of its own. */
export async function dynaliteAccount(): Promise<Account> {
  const server = dynalite({ createTableMs: 0 });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
  const clients = clientsOf(endpoint);
  return {
    ...clients,
    endpoint,
    network: onlyTables,
    cluster: onlyTables,
    taskDefinition: onlyTables,
    secret: onlyTables,
    queue: onlyTables,
    echoFunction: onlyTables,
    failingFunction: onlyTables,
    listedFunction: onlyTables,
    stack: onlyTables,
    setTimeToLive: onlyTables,
    async close() {
      destroy(clients);
      server.closeAllConnections();
      await promisify(server.close.bind(server))();
    },
  };
}
