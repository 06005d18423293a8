import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { failedTo } from '../errors.ts';

/** Invokes a function asynchronously: Lambda queues the event, and retries a failed invocation. */
export async function invokeLater(client: LambdaClient, functionName: string, event: object): Promise<void> {
  const Payload = JSON.stringify(event);
  const command = new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload });
  await client.send(command).catch(failedTo('invoke a function'));
}
