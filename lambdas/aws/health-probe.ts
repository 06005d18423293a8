import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeClustersCommand, type ECSClient } from '@aws-sdk/client-ecs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { table } from '../../contracts/stack.ts';

/** Resolves when the table answers and the cluster can run tasks; throws otherwise. */
export function healthProbe(clients: { dynamodb: DynamoDBClient; ecs: ECSClient }, tableName: string, cluster: string) {
  return async (): Promise<void> => {
    const [{ clusters = [] }] = await Promise.all([
      clients.ecs.send(new DescribeClustersCommand({ clusters: [cluster] })),
      clients.dynamodb.send(
        new GetItemCommand({ TableName: tableName, Key: marshall({ [table.key]: table.healthKey }) }),
      ),
    ]);
    const status = clusters[0]?.status ?? 'missing';
    if (status !== 'ACTIVE') throw new Error(`The cluster ${cluster} is ${status}, expected ACTIVE.`);
  };
}
