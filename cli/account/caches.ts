/** Caches of ElastiCache. */
import * as v from 'valibot';
import type { Kind } from './places.ts';
import { hostName, list, port } from './xml.ts';

const endpoint = v.object({ Address: hostName, Port: port });

const groups = v.object({
  ReplicationGroups: list(
    'ReplicationGroup',
    v.object({
      ReplicationGroupId: v.string(),
      Status: v.string(),
      Engine: v.optional(v.string(), 'redis'),
      ConfigurationEndpoint: v.optional(endpoint),
      NodeGroups: list('NodeGroup', v.object({ PrimaryEndpoint: v.optional(endpoint) })),
    }),
  ),
});

const clusters = v.object({
  CacheClusters: list(
    'CacheCluster',
    v.object({
      CacheClusterId: v.string(),
      CacheClusterStatus: v.string(),
      Engine: v.string(),
      CacheNodes: list('CacheNode', v.object({ Endpoint: v.optional(endpoint) })),
    }),
  ),
});

const serverlessCaches = v.object({
  ServerlessCaches: list(
    'member',
    v.object({
      ServerlessCacheName: v.string(),
      Status: v.string(),
      Engine: v.string(),
      Endpoint: v.optional(endpoint),
    }),
  ),
});

const placeAt = (at: v.InferOutput<typeof endpoint> | undefined, engine: string) =>
  at && { host: at.Address, port: at.Port, engine };

/** A replication group comes before a cluster, and that before a serverless cache. */
export const caches: readonly Kind[] = [
  {
    title: 'replication group',
    unknownCode: 'ReplicationGroupNotFoundFault',
    async describe(account, id) {
      const input = id === undefined ? {} : { ReplicationGroupId: id };
      const { ReplicationGroups } = await account.query('elasticache', 'DescribeReplicationGroups', input, groups);
      return ReplicationGroups.map(({ ReplicationGroupId, Status, Engine, ConfigurationEndpoint, NodeGroups }) => {
        // With cluster mode it has a configuration endpoint.
        const place = placeAt(ConfigurationEndpoint ?? NodeGroups[0]?.PrimaryEndpoint, Engine);
        const refersElsewhere = ConfigurationEndpoint !== undefined;
        return { id: ReplicationGroupId, status: Status, place: place && { ...place, refersElsewhere } };
      });
    },
  },
  {
    title: 'cache cluster',
    unknownCode: 'CacheClusterNotFound',
    async describe(account, id) {
      const input = { ShowCacheNodeInfo: 'true', ...(id !== undefined && { CacheClusterId: id }) };
      const { CacheClusters } = await account.query('elasticache', 'DescribeCacheClusters', input, clusters);
      // Memcached has several nodes, of which clients of a configuration endpoint learn addresses out of reach.
      return CacheClusters.map(({ CacheClusterId, CacheClusterStatus, Engine, CacheNodes }) => ({
        id: CacheClusterId,
        status: CacheClusterStatus,
        place: placeAt(CacheNodes[0]?.Endpoint, Engine),
      }));
    },
  },
  {
    title: 'serverless cache',
    unknownCode: 'ServerlessCacheNotFoundFault',
    async describe(account, id) {
      const input = id === undefined ? {} : { ServerlessCacheName: id };
      const { ServerlessCaches } = await account.query(
        'elasticache',
        'DescribeServerlessCaches',
        input,
        serverlessCaches,
      );
      return ServerlessCaches.map(({ ServerlessCacheName, Status, Engine, Endpoint }) => ({
        id: ServerlessCacheName,
        status: Status,
        place: placeAt(Endpoint, Engine),
      }));
    },
  },
];
