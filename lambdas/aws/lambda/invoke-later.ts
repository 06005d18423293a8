import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/** Lambda queues the event, invokes the function with it, and tries again when that fails. */
export async function invokeLater(client: LambdaClient, functionName: string, event: object): Promise<void> {
  await client.send(
    new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: JSON.stringify(event) }),
  );
}
