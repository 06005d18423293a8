import type { Account } from '../account.ts';
import type { Operation } from '../check.ts';
import { askQuery } from '../plain-request.ts';

/** Returns the code and the HTTP status of a refusal. */
async function refusalOf(
  account: Account,
  service: Parameters<typeof askQuery>[1],
  action: string,
  input: Readonly<Record<string, string>>,
): Promise<string> {
  const { status, body } = await askQuery(account, service, action, input);
  return `${/<Code>([^<]+)<\/Code>/.exec(body)?.[1]} ${status}`;
}

/** Makes the one check of an operation: its refusal of a resource that does not exist. */
const unknown = (
  service: Parameters<typeof askQuery>[1],
  name: string,
  input: Readonly<Record<string, string>>,
  aws: string,
): Operation => {
  const [, action = ''] = name.split(' ');
  return {
    name,
    checks: {
      'a resource that does not exist is refused': {
        aws,
        observe: (account) => refusalOf(account, service, action, input),
      },
    },
  };
};

/** The operations that only show what others have made. */
export const descriptions: readonly Operation[] = [
  unknown('cloudformation', 'CloudFormation DescribeStacks', { StackName: 'none' }, 'ValidationError 400'),
  unknown('rds', 'RDS DescribeDBInstances', { DBInstanceIdentifier: 'none' }, 'DBInstanceNotFound 404'),
  unknown('rds', 'RDS DescribeDBClusters', { DBClusterIdentifier: 'none' }, 'DBClusterNotFoundFault 404'),
  unknown(
    'elasticache',
    'ElastiCache DescribeReplicationGroups',
    { ReplicationGroupId: 'none' },
    'ReplicationGroupNotFoundFault 404',
  ),
  unknown(
    'elasticache',
    'ElastiCache DescribeCacheClusters',
    { CacheClusterId: 'none', ShowCacheNodeInfo: 'true' },
    'CacheClusterNotFound 404',
  ),
  unknown(
    'elasticache',
    'ElastiCache DescribeServerlessCaches',
    { ServerlessCacheName: 'none' },
    'ServerlessCacheNotFoundFault 404',
  ),
];
