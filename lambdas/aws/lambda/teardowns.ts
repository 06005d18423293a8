import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { TeardownEvent } from '../../../contracts/stack.ts';
import type { TeardownQueue } from '../../core/session/ports.ts';
import { invokeLater } from './invoke-later.ts';

/** Queues a teardown as an asynchronous invocation. Lambda retries it, and keeps what fails for good. */
export class LambdaTeardowns implements TeardownQueue {
  readonly #client: LambdaClient;
  readonly #functionName: string;

  constructor(client: LambdaClient, functionName: string) {
    this.#client = client;
    this.#functionName = functionName;
  }

  async enqueue(sessionId: string): Promise<void> {
    const event: TeardownEvent = { sessionId };
    await invokeLater(this.#client, this.#functionName, event);
  }
}
