import * as v from 'valibot';
import { AwsError, bodyText, type Reply, splitTarget, textBody, type Understood, type WireRequest } from '../wire.ts';

const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const functionsPath = /^\/2015-03-31\/functions\/?$/;

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
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
 */
export function understandLambda(request: WireRequest): Understood | undefined {
  const { path, query } = splitTarget(request.path);
  const queried = Object.fromEntries(new URLSearchParams(query));
  const understood = { service: 'lambda', unknownOperationCode: 'UnknownOperationException' };
  if (functionsPath.test(path) && request.method === 'GET') {
    return { ...understood, action: 'ListFunctions', input: () => queried, reply: lambdaReply(json) };
  }
  const [, name] = invocationPath.exec(path) ?? [];
  if (name === undefined || request.method !== 'POST') return undefined;
  return {
    ...understood,
    action: 'Invoke',
    input: () => ({
      ...queried,
      ...headerMembers(request),
      FunctionName: decodeURIComponent(name),
      Payload: parsePayload(bodyText(request)),
    }),
    reply: lambdaReply(invocation),
  };
}

/** The headers that every signed request may have. Any other header of this form is a member of the request. */
const commonHeaders = ['x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token', 'x-amz-user-agent'];

/** Returns the members that a request has in its headers: `x-amz-log-type: Tail` is `LogType: 'Tail'`. */
function headerMembers({ headers }: WireRequest): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-') && !commonHeaders.includes(name));
  return Object.fromEntries(own.map(([name, value]) => [memberName(name), value]));
}

const memberName = (header: string): string =>
  header
    .slice('x-amz-'.length)
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

function parsePayload(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch (cause) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${String(cause)}`);
  }
}

type Output = Reply['output'];

const json: Output = (output) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: textBody(JSON.stringify(output)),
});

const invocation: Output = (output) => {
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
};

const lambdaReply = (output: Output): Reply => ({
  output,
  error: ({ code, message, status, members }) => ({
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: textBody(JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message, ...members })),
  }),
});
