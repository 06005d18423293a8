/** Databases of RDS and Aurora. */
import * as v from 'valibot';
import type { Kind } from './places.ts';
import { hostName, list, port } from './xml.ts';

const instances = v.object({
  DBInstances: list(
    'DBInstance',
    v.object({
      DBInstanceIdentifier: v.string(),
      DBInstanceStatus: v.string(),
      Engine: v.string(),
      Endpoint: v.optional(v.object({ Address: hostName, Port: port })),
    }),
  ),
});

const clusters = v.object({
  DBClusters: list(
    'DBCluster',
    v.object({
      DBClusterIdentifier: v.string(),
      Status: v.string(),
      Engine: v.string(),
      Endpoint: v.optional(hostName),
      Port: v.optional(port),
    }),
  ),
});

/** An instance comes before a cluster, whose endpoint is that of its writer. */
export const databases: readonly Kind[] = [
  {
    title: 'RDS instance',
    unknownCode: 'DBInstanceNotFound',
    async describe(account, id) {
      const input = id === undefined ? {} : { DBInstanceIdentifier: id };
      const { DBInstances } = await account.query('rds', 'DescribeDBInstances', input, instances);
      return DBInstances.map(({ DBInstanceIdentifier, DBInstanceStatus, Engine, Endpoint }) => ({
        id: DBInstanceIdentifier,
        status: DBInstanceStatus,
        place: Endpoint && { host: Endpoint.Address, port: Endpoint.Port, engine: Engine },
      }));
    },
  },
  {
    title: 'Aurora cluster',
    unknownCode: 'DBClusterNotFoundFault',
    async describe(account, id) {
      const input = id === undefined ? {} : { DBClusterIdentifier: id };
      const { DBClusters } = await account.query('rds', 'DescribeDBClusters', input, clusters);
      return DBClusters.map(({ DBClusterIdentifier, Status, Engine, Endpoint, Port }) => ({
        id: DBClusterIdentifier,
        status: Status,
        place:
          Endpoint === undefined || Port === undefined ? undefined : { host: Endpoint, port: Port, engine: Engine },
      }));
    },
  },
];
