import * as v from 'valibot';
import { AwsError, bodyText, type Reply, splitTarget, textBody, type Understood, type WireRequest } from '../wire.ts';

const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** The answer to Invoke. The REST protocol spreads it over status, headers and body. */
export const invocationOutput = v.object({
  status: v.number(),
  functionError: v.optional(v.string()),
  /** The function's result as JSON text. */
  payload: v.string(),
});

/**
 * Reads a request of Lambda's REST protocol, or returns undefined.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function understandLambda(request: WireRequest): Understood | undefined {
  const { path } = splitTarget(request.path);
  const [, name] = invocationPath.exec(path) ?? [];
  if (name === undefined || request.method !== 'POST') return undefined;
  return {
    service: 'lambda',
    action: 'Invoke',
    input: () => ({
      FunctionName: decodeURIComponent(name),
      InvocationType: request.headers['x-amz-invocation-type'] ?? 'RequestResponse',
      Payload: parsePayload(bodyText(request)),
    }),
    reply: lambdaReply,
  };
}

function parsePayload(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch (cause) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${String(cause)}`);
  }
}

const lambdaReply: Reply = {
  output(output) {
    const { status, functionError, payload } = v.parse(invocationOutput, output);
    return {
      status,
      headers: {
        'content-type': 'application/json',
        'x-amz-executed-version': '$LATEST',
        ...(functionError === undefined ? {} : { 'x-amz-function-error': functionError }),
      },
      body: textBody(payload),
    };
  },
  error: ({ code, message, status, members }) => ({
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: textBody(JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message, ...members })),
  }),
};
