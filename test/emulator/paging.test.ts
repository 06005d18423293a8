/** The pages of what the account only shows. */
import { expect, test } from 'vitest';
import type { EmulatedAws } from '../../emulator/aws.ts';
import { bodyText } from '../../emulator/wire.ts';
import { emulated } from './emulated.ts';
import { formRequest } from './wire-request.ts';

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, number) => `a${1000 + number}`);
const endpoint = { address: 'cache.example', port: 6379 };

const each =
  (make: (aws: EmulatedAws, id: string) => void): Listing['make'] =>
  (aws, all) => {
    for (const id of all) make(aws, id);
  };

interface Listing {
  readonly service: string;
  readonly action: string;
  readonly make: (aws: EmulatedAws, ids: readonly string[]) => void;
  readonly input?: Readonly<Record<string, string>>;
  /** The element with the id of an item. */
  readonly id: string;
  /** The parameter with the size of a page, if there is one. */
  readonly size?: string;
  /** The parameter that leads to the next page, and the element that names it. */
  readonly next: string;
  readonly sizes: readonly number[];
}

test.each<Listing>([
  {
    service: 'cloudformation',
    action: 'DescribeStacks',
    make: each((aws, name) => aws.cloudformation.putStack({ name, outputs: [] })),
    id: 'StackName',
    next: 'NextToken',
    sizes: [100, 1],
  },
  {
    service: 'cloudformation',
    action: 'ListStackResources',
    make: (aws, all) => {
      const resources = all.map((logicalId) => ({ logicalId, physicalId: 'x', type: 'AWS::SNS::Topic' }));
      aws.cloudformation.putStack({ name: 'Shop', outputs: [], resources });
    },
    input: { StackName: 'Shop' },
    id: 'LogicalResourceId',
    next: 'NextToken',
    sizes: [100, 1],
  },
  {
    service: 'rds',
    action: 'DescribeDBInstances',
    make: each((aws, id) => aws.rds.putInstance({ id, engine: 'postgres' })),
    id: 'DBInstanceIdentifier',
    size: 'MaxRecords',
    next: 'Marker',
    sizes: [20, 1],
  },
  {
    service: 'rds',
    action: 'DescribeDBClusters',
    make: each((aws, id) => aws.rds.putCluster({ id, engine: 'aurora-mysql', endpoint: 'one.example', port: 3306 })),
    id: 'DBClusterIdentifier',
    size: 'MaxRecords',
    next: 'Marker',
    sizes: [20, 1],
  },
  {
    service: 'elasticache',
    action: 'DescribeReplicationGroups',
    make: each((aws, id) =>
      aws.elasticache.putReplicationGroup({ id, engine: 'redis', hasClusterMode: true, endpoint }),
    ),
    id: 'ReplicationGroupId',
    size: 'MaxRecords',
    next: 'Marker',
    sizes: [20, 1],
  },
  {
    service: 'elasticache',
    action: 'DescribeCacheClusters',
    make: each((aws, id) => aws.elasticache.putCacheCluster({ id, engine: 'redis', nodes: [endpoint] })),
    id: 'CacheClusterId',
    size: 'MaxRecords',
    next: 'Marker',
    sizes: [20, 1],
  },
  {
    service: 'elasticache',
    action: 'DescribeServerlessCaches',
    make: each((aws, id) => aws.elasticache.putServerlessCache({ id, engine: 'valkey', endpoint })),
    id: 'ServerlessCacheName',
    size: 'MaxResults',
    next: 'NextToken',
    sizes: [20, 1],
  },
])(
  '$service $action has each item once on its pages',
  async ({ service, action, make, input, id, size, next, sizes }) => {
    const { aws } = emulated();
    const all = ids(sizes.reduce((sum, one) => sum + one, 0));
    make(aws, all);
    const pages: string[][] = [];
    let marker: string | undefined;
    do {
      const page = { ...input, ...(size && { [size]: '20' }), ...(marker && { [next]: marker }) };
      const body = bodyText(await aws.handle(formRequest(service, action, page)));
      pages.push([...body.matchAll(new RegExp(`<${id}>([^<]+)<`, 'g'))].map(([, name = '']) => name));
      marker = new RegExp(`<${next}>([^<]+)<`).exec(body)?.[1];
    } while (marker !== undefined);
    expect(pages.map((page) => page.length)).toEqual(sizes);
    expect(pages.flat()).toEqual(all);
  },
);

test('DescribeStackResources shows the first 100 resources of a stack, and no way to the next', async () => {
  const { aws } = emulated();
  const resources = ids(101).map((logicalId) => ({ logicalId, physicalId: 'x', type: 'AWS::SNS::Topic' }));
  aws.cloudformation.putStack({ name: 'Shop', outputs: [], resources });
  const body = bodyText(
    await aws.handle(formRequest('cloudformation', 'DescribeStackResources', { StackName: 'Shop' })),
  );
  expect(body.match(/<LogicalResourceId>/g)).toHaveLength(100);
  expect(body).not.toContain('NextToken');
});
