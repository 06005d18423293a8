import * as v from 'valibot';
import { arn, type Context } from '../context.ts';
import { type Operations, onlyEmulated, operationMaker, page } from '../operation.ts';
import { uuid } from '../random.ts';
import type { Sqs } from '../sqs.ts';
import { AwsError } from '../wire.ts';

/** The facts that a handler gets about one invocation. */
export interface InvocationContext {
  readonly requestId: string;
  readonly functionArn: string;
  /** The time at which the invocation times out, in epoch milliseconds. */
  readonly deadlineMs: number;
  /** Aborts when the invocation has timed out. `invoke` must then end the function. */
  readonly signal: AbortSignal;
}

/** A function with its settings. */
export interface LambdaFunction {
  readonly name: string;
  readonly timeoutSeconds: number;
  /** The number of retries of an asynchronous invocation, 0 to 2, after one and then two minutes. Default 2. */
  readonly retries?: number;
  /** The key with which the function signs its calls. */
  readonly accessKeyId?: string;
  /** The queue that gets a record of an asynchronous invocation after its last failure. Default: none. */
  readonly onFailureQueueUrl?: string;
  /** Runs the handler. A rejection becomes a function error, with the `name` of the reason as its type. */
  invoke(event: unknown, context: InvocationContext): Promise<unknown>;
}

/** The result of a synchronous invocation. */
export interface InvocationResult {
  /** The function's result as JSON text. */
  readonly payload: string;
  /** Present if the function failed. The payload then has `errorType` and `errorMessage`. */
  readonly functionError?: 'Unhandled';
}

/** The Lambda of an account. */
export interface Lambda {
  readonly operations: Operations;
  /** Makes a function exist, or replaces the function of that name. */
  registerFunction(definition: LambdaFunction): { readonly arn: string };
  /** Returns the name of the function that signs with this key, or undefined. */
  nameOf(accessKeyId: string): string | undefined;
  /** Says whether the function exists, by its name or ARN. */
  hasFunction(functionName: string): boolean;
  /** Invokes a function by its name or ARN, and waits for its result. Throws the AwsError `ResourceNotFoundException`. */
  invoke(functionName: string, event: unknown): Promise<InvocationResult>;
  /** Invokes a function later, and retries failures. Throws the AwsError `ResourceNotFoundException`. */
  invokeLater(functionName: string, event: unknown): void;
}

const invokeInput = v.object({
  FunctionName: v.string(),
  InvocationType: v.optional(v.picklist(['RequestResponse', 'Event', 'DryRun']), 'RequestResponse'),
  LogType: v.optional(onlyEmulated(['None'])),
  Payload: v.unknown(),
});

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
const listFunctions = v.object({
  MaxItems: v.optional(v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(1), v.maxValue(10_000)), '50'),
  Marker: v.optional(v.string()),
});
/** "Lambda returns up to 50 items in each response, even if you set the number higher." */
const mostFunctions = 50;

const minuteMs = 60_000;

/** Makes the Lambda of an account, without functions. @param sqs has the queues of failed invocations */
export function createLambda(context: Context, sqs: Sqs): Lambda {
  const { clock } = context;
  const functions = new Map<string, LambdaFunction>();
  const operation = operationMaker('InvalidParameterValueException');
  const arnOf = (name: string) => arn(context, 'lambda', `function:${name}`);

  /** Returns the name in a name, an ARN or a partial ARN (`<account>:function:<name>`). It drops a qualifier. */
  const nameIn = (reference: string) => reference.replace(/^.*function:/, '').replace(/:.*$/, '');

  function find(reference: string): LambdaFunction {
    const name = nameIn(reference);
    const definition = functions.get(name);
    if (definition === undefined)
      throw new AwsError('ResourceNotFoundException', `Function not found: ${arnOf(name)}`, 404);
    return definition;
  }

  async function run(definition: LambdaFunction, event: unknown, requestId: string): Promise<InvocationResult> {
    const timeoutMs = definition.timeoutSeconds * 1000;
    const timeout = new AbortController();
    const context = {
      requestId,
      functionArn: arnOf(definition.name),
      deadlineMs: clock.now() + timeoutMs,
      signal: timeout.signal,
    };
    const expiry = Promise.withResolvers<never>();
    const cancel = clock.after(timeoutMs, () => {
      const seconds = definition.timeoutSeconds.toFixed(2);
      const error = new Error(
        `${new Date(clock.now()).toISOString()} ${requestId} Task timed out after ${seconds} seconds`,
      );
      error.name = 'Sandbox.Timedout';
      timeout.abort(error);
      expiry.reject(error);
    });
    try {
      // Event and result travel as JSON, so that the function and its caller share no object.
      const result = await Promise.race([
        definition.invoke(JSON.parse(JSON.stringify(event ?? null)), context),
        expiry.promise,
      ]);
      return { payload: JSON.stringify(result ?? null) };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return {
        functionError: 'Unhandled',
        payload: JSON.stringify({ errorType: name, errorMessage: message, trace: [] }),
      };
    } finally {
      cancel();
    }
  }

  /**
   * Runs an asynchronous invocation with its retries.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  async function deliver(definition: LambdaFunction, event: unknown, requestId: string): Promise<void> {
    const { name, retries = 2, onFailureQueueUrl } = definition;
    for (let attempt = 1; ; attempt += 1) {
      const result = await run(definition, event, requestId);
      if (result.functionError === undefined) return;
      if (attempt <= retries) {
        await clock.sleep(attempt * minuteMs);
        continue;
      }
      if (onFailureQueueUrl === undefined) return;
      const record = {
        version: '1.0',
        timestamp: new Date(clock.now()).toISOString(),
        requestContext: {
          requestId,
          functionArn: `${arnOf(name)}:$LATEST`,
          condition: 'RetriesExhausted',
          approximateInvokeCount: attempt,
        },
        requestPayload: event,
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: result.functionError },
        responsePayload: JSON.parse(result.payload),
      };
      sqs.send(onFailureQueueUrl, JSON.stringify(record));
      return;
    }
  }

  function invokeLater(functionName: string, event: unknown): void {
    const definition = find(functionName);
    const requestId = uuid(context.random);
    clock.after(0, () => {
      const input = { functionName: definition.name, event };
      context.intercept({ kind: 'delivery', service: 'lambda', action: 'InvokeLater', input, at: clock.now() }, () =>
        deliver(definition, event, requestId),
      );
    });
  }

  return {
    operations: {
      Invoke: operation(invokeInput, async ({ FunctionName, InvocationType, Payload }) => {
        const definition = find(FunctionName);
        if (InvocationType === 'DryRun') return { status: 204, payload: '' };
        if (InvocationType === 'Event') {
          invokeLater(FunctionName, Payload);
          return { status: 202, payload: '' };
        }
        return { status: 200, ...(await run(definition, Payload, uuid(context.random))) };
      }),

      ListFunctions: operation(listFunctions, ({ MaxItems, Marker: token }) => {
        const limit = Math.min(MaxItems, mostFunctions);
        const invalidToken = () => new AwsError('InvalidParameterValueException', 'Invalid Marker');
        const { items, nextToken } = page([...functions.values()], ({ name }) => name, { limit, token, invalidToken });
        return {
          Functions: items.map(({ name, timeoutSeconds }) => ({
            FunctionName: name,
            FunctionArn: arnOf(name),
            Timeout: timeoutSeconds,
            Version: '$LATEST',
          })),
          NextMarker: nextToken,
        };
      }),
    },
    registerFunction(definition) {
      functions.set(definition.name, definition);
      return { arn: arnOf(definition.name) };
    },
    nameOf: (accessKeyId) => [...functions.values()].find((definition) => definition.accessKeyId === accessKeyId)?.name,
    hasFunction: (functionName) => functions.has(nameIn(functionName)),
    invoke: (functionName, event) => run(find(functionName), event, uuid(context.random)),
    invokeLater,
  };
}
