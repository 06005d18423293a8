import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeClustersCommand, type ECSClient } from '@aws-sdk/client-ecs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { table as names } from '../../contracts/stack.ts';
import { failedTo } from './errors.ts';

/** Makes a probe that resolves when the table answers and the cluster can run tasks, and throws otherwise. */
export function healthProbe(
  dynamodb: DynamoDBClient,
  ecs: ECSClient,
  { table, cluster }: { readonly table: string; readonly cluster: string },
) {
  return async (): Promise<void> => {
    const Key = marshall({ [names.key]: names.healthKey });
    const [{ clusters = [] }] = await Promise.all([
      ecs.send(new DescribeClustersCommand({ clusters: [cluster] })).catch(failedTo('describe the cluster')),
      dynamodb.send(new GetItemCommand({ TableName: table, Key })).catch(failedTo('read the table')),
    ]);
    const status = clusters[0]?.status ?? 'missing';
    if (status !== 'ACTIVE') throw new Error(`The cluster ${cluster} is ${status}, expected ACTIVE.`);
  };
}
