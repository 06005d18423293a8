/** The parts of AWS that are only shown: stacks, databases and caches, as their XML goes over the wire. */
import { expect, test } from 'vitest';
import type { EmulatedAws } from '../../emulator/aws.ts';
import { bodyText, textBody } from '../../emulator/wire.ts';
import { emulated } from './emulated.ts';

const versions = { cloudformation: '2010-05-15', rds: '2014-10-31', elasticache: '2015-02-02' } as const;

function account(): EmulatedAws {
  const { aws } = emulated();
  aws.cloudformation.putStack({ name: 'Shop', outputs: [{ key: 'ApiUrl', value: 'https://a?b=1&c=<2>' }] });
  aws.rds.putInstance({ id: 'orders', engine: 'postgres', endpoint: { address: 'orders.example', port: 5433 } });
  aws.rds.putInstance({ id: 'young', engine: 'mysql', status: 'creating' });
  aws.rds.putCluster({ id: 'ledger', engine: 'aurora-mysql', endpoint: 'ledger.example', port: 3306 });
  const endpoint = { address: 'cache.example', port: 6379 };
  aws.elasticache.putReplicationGroup({ id: 'sharded', engine: 'valkey', hasClusterMode: true, endpoint });
  aws.elasticache.putReplicationGroup({ id: 'plain', engine: 'redis', hasClusterMode: false, endpoint });
  aws.elasticache.putCacheCluster({ id: 'single', engine: 'redis', nodes: [endpoint] });
  aws.elasticache.putServerlessCache({ id: 'less', engine: 'valkey', endpoint });
  return aws;
}

/** Returns the answer of the operation, or `Code status: Message` of its refusal. */
async function ask(service: keyof typeof versions, action: string, input: Readonly<Record<string, string>> = {}) {
  const form = new URLSearchParams({ Action: action, Version: versions[service], ...input });
  const { status, body } = await account().handle({
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: textBody(form.toString()),
  });
  const answer = bodyText({ body });
  const [, code, message] = /<Code>(.*)<\/Code><Message>(.*)<\/Message>/.exec(answer) ?? [];
  return status === 200 ? answer : `${code} ${status}: ${message}`;
}

test('CloudFormation shows a stack with its outputs, in the form of the AWS query protocol', async () => {
  const answer = await ask('cloudformation', 'DescribeStacks', { StackName: 'Shop' });
  expect(answer).toMatch(
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<DescribeStacksResponse xmlns="http:\/\/cloudformation.amazonaws.com\/doc\/2010-05-15\/"><DescribeStacksResult><Stacks><member><StackId>arn:aws:cloudformation:us-east-1:000000000000:stack\/Shop\/[0-9a-f-]{36}<\/StackId><StackName>Shop<\/StackName>/,
  );
  expect(answer).toContain(
    '<Outputs><member><OutputKey>ApiUrl</OutputKey><OutputValue>https://a?b=1&amp;c=&lt;2&gt;</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult><ResponseMetadata><RequestId>',
  );
});

test.each([
  ['DescribeDBInstances', { DBInstanceIdentifier: 'ORDERS' }, '<Engine>postgres</Engine>'],
  [
    'DescribeDBInstances',
    { DBInstanceIdentifier: 'orders' },
    '<Endpoint><Address>orders.example</Address><Port>5433</Port></Endpoint></DBInstance></DBInstances></DescribeDBInstancesResult>',
  ],
  [
    'DescribeDBInstances',
    { DBInstanceIdentifier: 'young' },
    '<DBInstanceStatus>creating</DBInstanceStatus></DBInstance>',
  ],
  ['DescribeDBInstances', {}, 'young'],
  ['DescribeDBClusters', { DBClusterIdentifier: 'ledger' }, '<Endpoint>ledger.example</Endpoint><Port>3306</Port>'],
])('RDS answers %s %j with %s', async (action, input, part) => {
  expect(await ask('rds', action, input)).toContain(part);
});

const place = '<Address>cache.example</Address><Port>6379</Port>';

test.each([
  ['DescribeReplicationGroups', { ReplicationGroupId: 'sharded' }, `<ConfigurationEndpoint>${place}`],
  [
    'DescribeReplicationGroups',
    { ReplicationGroupId: 'plain' },
    `<PrimaryEndpoint>${place}</PrimaryEndpoint></NodeGroup>`,
  ],
  ['DescribeCacheClusters', { CacheClusterId: 'single' }, '<NumCacheNodes>1</NumCacheNodes></CacheCluster>'],
  [
    'DescribeCacheClusters',
    { CacheClusterId: 'single', ShowCacheNodeInfo: 'true' },
    `<CacheNodeStatus>available</CacheNodeStatus><Endpoint>${place}</Endpoint></CacheNode></CacheNodes>`,
  ],
  ['DescribeServerlessCaches', { ServerlessCacheName: 'less' }, `<Endpoint>${place}</Endpoint></member>`],
])('ElastiCache answers %s %j with %s', async (action, input, part) => {
  expect(await ask('elasticache', action, input)).toContain(part);
});

test.each([
  ['cloudformation', 'DescribeStacks', { StackName: 'None' }, 'ValidationError 400: Stack with id None does not exist'],
  ['cloudformation', 'DescribeStacks', { StackName: '1' }, 'ValidationError 400: Parameter StackName is not valid.'],
  [
    'cloudformation',
    'DescribeStacks',
    { Name: 'Shop' },
    'NotEmulated 400: The emulated AWS has no parameter Name of cloudformation DescribeStacks.',
  ],
  ['cloudformation', 'DeleteStack', {}, 'InvalidAction 400: '],
  ['rds', 'DescribeDBInstances', { DBInstanceIdentifier: 'x' }, 'DBInstanceNotFound 404: DBInstance x not found.'],
  ['rds', 'DescribeDBClusters', { DBClusterIdentifier: 'x' }, 'DBClusterNotFoundFault 404: DBCluster x not found.'],
  ['rds', 'DescribeDBInstances', { MaxRecords: '19' }, 'InvalidParameterValue 400: Parameter MaxRecords is not valid.'],
  [
    'rds',
    'DescribeDBInstances',
    { 'Filters.Filter.1.Name': 'engine' },
    'NotEmulated 400: The emulated AWS has no parameter Filters',
  ],
  ['rds', 'DescribeDBInstances', { Marker: 'strange' }, 'InvalidParameterValue 400: Invalid marker strange'],
  [
    'elasticache',
    'DescribeReplicationGroups',
    { ReplicationGroupId: 'x' },
    'ReplicationGroupNotFoundFault 404: ReplicationGroup x not found.',
  ],
  [
    'elasticache',
    'DescribeCacheClusters',
    { CacheClusterId: 'x' },
    'CacheClusterNotFound 404: CacheCluster not found: x',
  ],
  ['elasticache', 'DescribeServerlessCaches', { ServerlessCacheName: 'x' }, 'ServerlessCacheNotFoundFault 404: '],
] as const)('%s %s refuses %j with %s', async (service, action, input, refusal) => {
  expect(await ask(service, action, input)).toContain(refusal);
});
