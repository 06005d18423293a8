import * as v from 'valibot';
import { arn, type Context } from './context.ts';
import { type Operations, operationMaker } from './operation.ts';
import { marking, records } from './records.ts';
import { AwsError } from './wire.ts';

interface CacheEndpoint {
  readonly address: string;
  readonly port: number;
}

interface Cache {
  /** In lower case, as ElastiCache keeps ids. */
  readonly id: string;
  /** `redis`, `valkey`, `memcached`. */
  readonly engine: string;
  /** Default `available`. */
  readonly status?: string;
}

/** A replication group. With cluster mode clients connect to its configuration endpoint, and else to its primary. */
export interface ReplicationGroup extends Cache {
  readonly hasClusterMode: boolean;
  readonly endpoint: CacheEndpoint;
}

/** A cache cluster: one node of Redis or Valkey, or nodes of Memcached, which have a configuration endpoint too. */
export interface CacheCluster extends Cache {
  readonly nodes: readonly CacheEndpoint[];
  readonly configurationEndpoint?: CacheEndpoint;
}

/** A serverless cache. */
export interface ServerlessCache extends Cache {
  readonly endpoint: CacheEndpoint;
}

/** The ElastiCache of an account, which shows caches and runs none. */
export interface ElastiCache {
  readonly operations: Operations;
  /** Makes a replication group exist, or replaces it. */
  putReplicationGroup(group: ReplicationGroup): void;
  /** Makes a cache cluster exist, or replaces it. */
  putCacheCluster(cluster: CacheCluster): void;
  /** Makes a serverless cache exist, or replaces it. */
  putServerlessCache(cache: ServerlessCache): void;
}

const flag = v.optional(
  v.pipe(
    v.picklist(['true', 'false']),
    v.transform((text) => text === 'true'),
  ),
  'false',
);

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeReplicationGroups.html */
const describeGroups = v.object({ ReplicationGroupId: v.optional(v.string()), ...marking });
/** https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeCacheClusters.html */
const describeClusters = v.object({
  CacheClusterId: v.optional(v.string()),
  ShowCacheNodeInfo: flag,
  ...marking,
});
/** https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeServerlessCaches.html */
const describeServerless = v.object({
  ServerlessCacheName: v.optional(v.string()),
  MaxResults: v.optional(v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(1), v.maxValue(50))),
  NextToken: v.optional(v.string()),
});

/** Makes an ElastiCache without caches. */
export function createElastiCache(context: Context): ElastiCache {
  const groups = new Map<string, ReplicationGroup>();
  const clusters = new Map<string, CacheCluster>();
  const serverlessCaches = new Map<string, ServerlessCache>();
  const operation = operationMaker('InvalidParameterValue');

  const operations: Operations = {
    DescribeReplicationGroups: operation(describeGroups, ({ ReplicationGroupId: id, ...request }) => {
      const { items, marker } = records(groups, id, request, groupNotFound);
      return {
        ReplicationGroups: items.map((group) => ({
          ReplicationGroupId: group.id,
          ARN: arn(context, 'elasticache', `replicationgroup:${group.id}`),
          Status: group.status ?? 'available',
          Engine: group.engine,
          ClusterEnabled: group.hasClusterMode,
          ...(group.hasClusterMode
            ? { ConfigurationEndpoint: described(group.endpoint) }
            : { NodeGroups: [{ NodeGroupId: '0001', PrimaryEndpoint: described(group.endpoint) }] }),
        })),
        Marker: marker,
      };
    }),

    DescribeCacheClusters: operation(describeClusters, ({ CacheClusterId: id, ShowCacheNodeInfo, ...request }) => {
      const { items, marker } = records(clusters, id, request, clusterNotFound);
      return {
        CacheClusters: items.map((cluster) => ({
          CacheClusterId: cluster.id,
          ARN: arn(context, 'elasticache', `cluster:${cluster.id}`),
          CacheClusterStatus: cluster.status ?? 'available',
          Engine: cluster.engine,
          NumCacheNodes: cluster.nodes.length,
          ConfigurationEndpoint: cluster.configurationEndpoint && described(cluster.configurationEndpoint),
          ...(ShowCacheNodeInfo && { CacheNodes: cluster.nodes.map(describedNode) }),
        })),
        Marker: marker,
      };
    }),

    DescribeServerlessCaches: operation(describeServerless, ({ ServerlessCacheName: id, MaxResults, NextToken }) => {
      const marks = { MaxRecords: MaxResults ?? 50, Marker: NextToken };
      const { items, marker } = records(serverlessCaches, id, marks, serverlessNotFound);
      return {
        ServerlessCaches: items.map((cache) => ({
          ServerlessCacheName: cache.id,
          ARN: arn(context, 'elasticache', `serverlesscache:${cache.id}`),
          Status: cache.status ?? 'available',
          Engine: cache.engine,
          Endpoint: described(cache.endpoint),
        })),
        NextToken: marker,
      };
    }),
  };

  return {
    operations,
    putReplicationGroup(group) {
      groups.set(group.id, group);
    },
    putCacheCluster(cluster) {
      clusters.set(cluster.id, cluster);
    },
    putServerlessCache(cache) {
      serverlessCaches.set(cache.id, cache);
    },
  };
}

const described = ({ address, port }: CacheEndpoint) => ({ Address: address, Port: port });

const describedNode = (endpoint: CacheEndpoint, index: number) => ({
  CacheNodeId: String(index + 1).padStart(4, '0'),
  CacheNodeStatus: 'available',
  Endpoint: described(endpoint),
});

const groupNotFound = (id: string) =>
  new AwsError('ReplicationGroupNotFoundFault', `ReplicationGroup ${id} not found.`, 404);
const clusterNotFound = (id: string) => new AwsError('CacheClusterNotFound', `CacheCluster not found: ${id}`, 404);
const serverlessNotFound = (id: string) =>
  new AwsError('ServerlessCacheNotFoundFault', `ServerlessCache ${id} not found.`, 404);
