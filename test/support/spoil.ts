import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Deployment } from './deployment.ts';

/** Makes the session's row one that this version of the functions can't read. */
export async function spoil({ clock, dynamodb, tableName }: Deployment, sessionId: string): Promise<void> {
  const command = new UpdateItemCommand({
    TableName: tableName,
    Key: { pk: { S: `session#${sessionId}` } },
    UpdateExpression: 'SET #agent = :agent',
    ExpressionAttributeNames: { '#agent': 'agent' },
    ExpressionAttributeValues: { ':agent': { S: 'of a newer version' } },
  });
  await clock.run(dynamodb.send(command));
}
