/** Answers to CloudFormation: JSON that is put where its request says. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { DrainEvent } from '../../../contracts/stack.ts';
import type { Clock, StackRequests } from '../../core/session/ports.ts';
import { invokeLater } from '../lambda/invoke-later.ts';

/** As of the global `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface CloudFormationRequestsOptions {
  readonly lambda: LambdaClient;
  /** Of the function itself, which goes on with what it could not finish. */
  readonly functionName: string;
  readonly clock: Clock;
  readonly fetch: Fetch;
}

/** The whole answer has at most 4096 bytes. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
const mostReasonChars = 3000;
const pausesMs = [1000, 5000];

export class CloudFormationRequests implements StackRequests {
  readonly #options: CloudFormationRequestsOptions;

  constructor(options: CloudFormationRequestsOptions) {
    this.#options = options;
  }

  async answer(request: DrainEvent, failure?: string): Promise<void> {
    const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = LogicalResourceId } = request;
    const body = JSON.stringify({
      Status: failure === undefined ? 'SUCCESS' : 'FAILED',
      ...(failure !== undefined && { Reason: shortened(failure) }),
      // Always the same: CloudFormation takes another one for a replacement, and deletes what it replaces.
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

  async handOn(request: DrainEvent): Promise<void> {
    await invokeLater(this.#options.lambda, this.#options.functionName, request);
  }

  /** What went wrong, without the URL; undefined when it went well. */
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
