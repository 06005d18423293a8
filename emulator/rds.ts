import * as v from 'valibot';
import { arn, type Context } from './context.ts';
import { type Operations, operationMaker } from './operation.ts';
import { marking, records } from './records.ts';
import { AwsError } from './wire.ts';

interface Database {
  /** In lower case, as RDS keeps ids. */
  readonly id: string;
  /** `postgres`, `mysql`, `aurora-postgresql`. */
  readonly engine: string;
  /** Default `available`. */
  readonly status?: string;
}

/** A database instance. It has no endpoint while it is created. */
export interface DbInstance extends Database {
  readonly endpoint?: { readonly address: string; readonly port: number };
  /** The cluster that it belongs to. */
  readonly clusterId?: string;
}

/** A cluster of Aurora or of a Multi-AZ deployment, with the endpoint of its writer. */
export interface DbCluster extends Database {
  readonly endpoint: string;
  readonly port: number;
}

/** The RDS of an account, which shows databases and runs none. */
export interface Rds {
  readonly operations: Operations;
  /** Makes an instance exist, or replaces it. */
  putInstance(instance: DbInstance): void;
  /** Makes a cluster exist, or replaces it. */
  putCluster(cluster: DbCluster): void;
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html. Filters are not emulated. */
const describeInstances = v.object({ DBInstanceIdentifier: v.optional(v.string()), ...marking });
/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html. Filters are not emulated. */
const describeClusters = v.object({ DBClusterIdentifier: v.optional(v.string()), ...marking });

/** Makes an RDS without databases. */
export function createRds(context: Context): Rds {
  const instances = new Map<string, DbInstance>();
  const clusters = new Map<string, DbCluster>();
  const operation = operationMaker('InvalidParameterValue');

  const operations: Operations = {
    DescribeDBInstances: operation(describeInstances, ({ DBInstanceIdentifier: id, ...request }) => {
      const { items, marker } = records(instances, id, request, instanceNotFound);
      return {
        DBInstances: items.map((instance) => ({
          DBInstanceIdentifier: instance.id,
          DBInstanceArn: arn(context, 'rds', `db:${instance.id}`),
          Engine: instance.engine,
          DBInstanceStatus: instance.status ?? 'available',
          DBClusterIdentifier: instance.clusterId,
          Endpoint: instance.endpoint && { Address: instance.endpoint.address, Port: instance.endpoint.port },
        })),
        Marker: marker,
      };
    }),

    DescribeDBClusters: operation(describeClusters, ({ DBClusterIdentifier: id, ...request }) => {
      const { items, marker } = records(clusters, id, request, clusterNotFound);
      return {
        DBClusters: items.map((cluster) => ({
          DBClusterIdentifier: cluster.id,
          DBClusterArn: arn(context, 'rds', `cluster:${cluster.id}`),
          Engine: cluster.engine,
          Status: cluster.status ?? 'available',
          Endpoint: cluster.endpoint,
          Port: cluster.port,
        })),
        Marker: marker,
      };
    }),
  };

  return {
    operations,
    putInstance(instance) {
      instances.set(instance.id, instance);
    },
    putCluster(cluster) {
      clusters.set(cluster.id, cluster);
    },
  };
}

const instanceNotFound = (id: string) => new AwsError('DBInstanceNotFound', `DBInstance ${id} not found.`, 404);
const clusterNotFound = (id: string) => new AwsError('DBClusterNotFoundFault', `DBCluster ${id} not found.`, 404);
