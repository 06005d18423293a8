import { InvokeCommand } from '@aws-sdk/client-lambda';
import { describe, expect, test } from 'vitest';
import type { InvocationContext, LambdaFunction } from '../../emulator/lambda/lambda.ts';
import { bodyText, textBody } from '../../emulator/wire.ts';
import { minuteMs } from '../support/time.ts';
import { arn, emulated, refusal } from './emulated.ts';

/** Makes an account with one function, `worker`, that notes when it runs. */
function withFunction(invoke: LambdaFunction['invoke'], difference: Partial<LambdaFunction> = {}) {
  const account = emulated();
  const runs: { event: unknown; at: number; context: InvocationContext }[] = [];
  const { url: onFailureQueueUrl } = account.aws.sqs.createQueue('failures');
  account.aws.lambda.registerFunction({
    name: 'worker',
    timeoutSeconds: 3,
    onFailureQueueUrl,
    invoke(event, context) {
      runs.push({ event, at: account.clock.now(), context });
      return invoke(event, context);
    },
    ...difference,
  });
  const call = (input: object = {}) => account.lambda.send(new InvokeCommand({ FunctionName: 'worker', ...input }));
  const invokeNow = async (input: object = {}) => {
    const { StatusCode, FunctionError, Payload } = await account.clock.run(call(input));
    return { StatusCode, FunctionError, payload: Payload?.transformToString() };
  };
  const failures = async () => {
    const response = await account.clock.run(
      account.aws.handle({
        method: 'POST',
        path: '/',
        headers: { 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
        body: textBody(JSON.stringify({ QueueUrl: onFailureQueueUrl, VisibilityTimeout: 0 })),
      }),
    );
    const { Messages = [] }: { Messages?: { Body: string }[] } = JSON.parse(bodyText(response));
    return Messages.map(({ Body }): unknown => JSON.parse(Body));
  };
  return { ...account, runs, call, invokeNow, failures };
}

const event = { a: [1, 'ü'] };
const Payload = JSON.stringify(event);

describe('a synchronous invocation', () => {
  test.each(['worker', 'worker:$LATEST', arn('lambda', 'function:worker')])(
    'of %s passes the event in and the result out',
    async (FunctionName) => {
      const { invokeNow, runs } = withFunction(async (received) => ({ received }));
      expect(await invokeNow({ FunctionName, Payload })).toEqual({
        StatusCode: 200,
        FunctionError: undefined,
        payload: JSON.stringify({ received: event }),
      });
      expect(runs).toHaveLength(1);
    },
  );

  test('without a result returns null', async () => {
    const { invokeNow } = withFunction(async () => undefined);
    expect(await invokeNow()).toMatchObject({ payload: 'null' });
  });

  test('that throws returns 200 with a function error', async () => {
    const { invokeNow, runs } = withFunction(async () => {
      throw new TypeError('it broke');
    });
    expect(await invokeNow()).toEqual({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      payload: JSON.stringify({ errorType: 'TypeError', errorMessage: 'it broke', trace: [] }),
    });
    expect(runs).toHaveLength(1);
  });

  test('that takes too long is ended at its deadline', async () => {
    const { clock, invokeNow, runs } = withFunction(() => new Promise(() => {}));
    const startedAt = clock.now();
    expect(await invokeNow()).toMatchObject({
      FunctionError: 'Unhandled',
      payload: expect.stringMatching(/Sandbox\.Timedout.*Task timed out after 3\.00 seconds/),
    });
    expect(clock.now() - startedAt).toBe(3000);
    expect(runs[0]?.context).toMatchObject({ deadlineMs: startedAt + 3000, signal: { aborted: true } });
  });

  test.each([
    [{ FunctionName: 'none' }, `ResourceNotFoundException: Function not found: ${arn('lambda', 'function:none')}`],
    [{ Payload: '{' }, 'InvalidRequestContentException: Could not parse request body into json'],
    [{ InvocationType: 'Sometimes' }, 'InvalidParameterValueException: Parameter InvocationType is not valid.'],
  ])('with %o is refused', async (input, expected) => {
    const { clock, call, runs } = withFunction(async () => {});
    expect(await clock.run(refusal(call(input)))).toContain(expected);
    expect(runs).toEqual([]);
  });

  test('as a dry run does nothing', async () => {
    const { invokeNow, runs } = withFunction(async () => {});
    expect(await invokeNow({ InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204 });
    expect(runs).toEqual([]);
  });
});

describe('an asynchronous invocation', () => {
  const later = { InvocationType: 'Event', Payload };

  test('is accepted at once and runs once when it succeeds', async () => {
    const { clock, invokeNow, runs, failures } = withFunction(async () => {});
    expect(await invokeNow(later)).toEqual({ StatusCode: 202, FunctionError: undefined, payload: undefined });
    await clock.advance(10 * minuteMs);
    expect(runs.map((run) => run.event)).toEqual([event]);
    expect(await failures()).toEqual([]);
  });

  test('is retried after one and then two minutes, and then recorded as failed', async () => {
    const { clock, invokeNow, runs, failures } = withFunction(async () => {
      throw new Error('it broke');
    });
    const startedAt = clock.now();
    await invokeNow(later);
    await clock.advance(10 * minuteMs);
    expect(runs.map(({ at }) => at - startedAt)).toEqual([0, minuteMs, 3 * minuteMs]);
    expect(new Set(runs.map(({ context }) => context.requestId)).size).toBe(1);
    expect(await failures()).toMatchObject([
      {
        version: '1.0',
        requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
        requestPayload: event,
        responseContext: { statusCode: 200, functionError: 'Unhandled' },
        responsePayload: { errorMessage: 'it broke' },
      },
    ]);
  });

  test('is not retried after a success', async () => {
    let attempts = 0;
    const { clock, invokeNow, runs, failures } = withFunction(async () => {
      attempts += 1;
      if (attempts === 1) throw new Error('not yet');
    });
    await invokeNow(later);
    await clock.advance(10 * minuteMs);
    expect(runs).toHaveLength(2);
    expect(await failures()).toEqual([]);
  });

  test('is not retried if the function has no retries', async () => {
    const failingHandler = async () => Promise.reject(new Error('it broke'));
    const { clock, invokeNow, runs, failures } = withFunction(failingHandler, { retries: 0 });
    await invokeNow(later);
    await clock.advance(10 * minuteMs);
    expect(runs).toHaveLength(1);
    expect(await failures()).toHaveLength(1);
  });
});
