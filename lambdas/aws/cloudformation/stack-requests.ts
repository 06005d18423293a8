/** Answers CloudFormation's requests: a PUT of JSON to the URL of the request. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { DrainEvent } from '../../../contracts/stack.ts';
import type { Clock } from '../../core/session/ports.ts';
import { invokeLater } from '../lambda/invoke-later.ts';

/** The global `fetch`, as far as it is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface CloudFormationRequestsOptions {
  readonly lambda: LambdaClient;
  /** Name of the function itself, which continues later with what it could not finish. */
  readonly functionName: string;
  readonly clock: Clock;
  readonly fetch: Fetch;
}

/** Keeps the whole answer within its 4096 bytes. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
const mostReasonChars = 3000;
const pausesMs = [1000, 5000];

export class CloudFormationRequests {
  readonly #options: CloudFormationRequestsOptions;

  constructor(options: CloudFormationRequestsOptions) {
    this.#options = options;
  }

  async answer(request: DrainEvent, failure?: string): Promise<void> {
    const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = LogicalResourceId } = request;
    const body = JSON.stringify({
      Status: failure === undefined ? 'SUCCESS' : 'FAILED',
      ...(failure !== undefined && { Reason: shortened(failure) }),
      // Always the same id. CloudFormation would take another one for a replacement, and delete the resource that it replaces.
      PhysicalResourceId,
      StackId,
      RequestId,
      LogicalResourceId,
    });
    let problem = await this.#put(request.ResponseURL, body);
    for (const pauseMs of pausesMs) {
      if (problem === undefined) return;
      await this.#options.clock.sleep(pauseMs);
      problem = await this.#put(request.ResponseURL, body);
    }
    if (problem !== undefined) {
      throw new Error(
        `CloudFormation did not take the answer (${problem}). Lambda runs this function again, which answers again.`,
      );
    }
  }

  async continueLater(request: DrainEvent): Promise<void> {
    await invokeLater(this.#options.lambda, this.#options.functionName, request);
  }

  /** Returns the problem, without the URL, or undefined on success. */
  async #put(url: string, body: string): Promise<string | undefined> {
    // The signature in the URL covers an empty content type.
    const headers = { 'content-type': '' };
    try {
      const init = { method: 'PUT', headers, body, signal: AbortSignal.timeout(10_000) };
      const { ok, status } = await this.#options.fetch(url, init);
      return ok ? undefined : `HTTP ${status}`;
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(error);
    }
  }
}

const shortened = (text: string): string =>
  text.length <= mostReasonChars ? text : `${text.slice(0, mostReasonChars)}…`;
